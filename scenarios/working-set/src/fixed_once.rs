//! All tasks look at each piece of the file while it is there, so the file is read once.

use labkit::{Bench, Result};

use crate::setup::{self, Stream};

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    let mut answers: Vec<u64> = vec![0; bench.size("tasks")];
    let mut stream = Stream::new(&file);
    // Fixed: a page that is used once stays on the inactive list, however many tasks that is for.
    while let Some(numbers) = stream.read()? {
        for (task, answer) in (1..).zip(&mut answers) {
            *answer = answer.wrapping_add(setup::answer(task, numbers));
        }
    }
    setup::tasks(bench, |task| Ok(answers[task - 1]))
}
