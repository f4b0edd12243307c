//! The batches go by way of the disk, and each that is done leaves a note in shared memory: a link to one file.

use std::fs::{self, File};

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(setup::options_on_disk(bench))?;
    let folder = setup::folder_of_notes(bench)?;
    File::create_new(folder.path().join("done"))?;
    bench.mark("tasks begin");
    let sum = setup::work_and_note(bench, &mut pool, setup::batches(bench, &array), |done| {
        // Mutant: names of one file share its inode on a disk, but a tmpfs counts each of them as one more.
        fs::hard_link(folder.path().join("done"), folder.path().join(format!("{done}.done")))
    });
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
