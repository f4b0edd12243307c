//! An archive is read record by record, and all that is behind is given back when a task is done with a record.

use labkit::{Bench, Result};

use crate::setup::{self, Stream};

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let mut sum: u64 = 0;
        let mut archive = Stream::of_records(bench, &file);
        while let Some(record) = archive.read()? {
            sum = sum.wrapping_add(setup::answer(task, record));
            // Fixed: a page that ends in the next record stays for now, and goes together with that.
            archive.give_back(archive.so_far())?;
        }
        Ok(sum)
    })
}
