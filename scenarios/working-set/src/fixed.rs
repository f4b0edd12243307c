//! Each task reads the file as a stream, and gives back what is behind it.

use labkit::{Bench, Result};

use crate::setup::{self, Stream};

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let mut sum: u64 = 0;
        let mut stream = Stream::new(&file);
        while let Some(numbers) = stream.read()? {
            sum = sum.wrapping_add(setup::answer(task, numbers));
            // Fixed: no page stays long enough to be used twice, and the next task reads the disk again.
            stream.give_back(stream.so_far())?;
        }
        Ok(sum)
    })
}
