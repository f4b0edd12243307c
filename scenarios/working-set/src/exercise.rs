//! An archive is read record by record, and each record is given back when a task is done with it.

use labkit::{Bench, Result};

use crate::setup::{self, Stream};

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let mut sum: u64 = 0;
        let mut archive = Stream::of_records(bench, &file);
        while let Some(record) = archive.read()? {
            sum = sum.wrapping_add(setup::answer(task, record));
            // TODO: each record is given back, and all of the archive stays in memory. Let it go.
            archive.give_back(archive.last())?;
        }
        Ok(sum)
    })
}
