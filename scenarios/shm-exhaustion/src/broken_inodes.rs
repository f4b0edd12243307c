//! The batches go by way of the disk, and each that is done leaves a note in shared memory: an empty file.

use std::fs::File;

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(setup::options_on_disk(bench))?;
    let folder = setup::folder_of_notes(bench)?;
    bench.mark("tasks begin");
    let sum = setup::work_and_note(bench, &mut pool, setup::batches(bench, &array), |done| {
        // Broken: an empty file takes no page, but it takes an inode, and the tmpfs has only so many.
        File::create_new(folder.path().join(format!("{done}.done")))?;
        Ok(())
    });
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
