//! The file in shared memory once more, in less memory than it takes.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Broken: no page of this file can go, so where memory ends the kernel has only a process to take.
    let file = NamedTempFile::new_in(bench.shm())?;
    bench.mark("file created");
    setup::write(bench, file.as_file())?;
    bench.mark("file written");
    setup::drop_cache(file.as_file())?;
    bench.mark("cache dropped");
    let map = setup::map(bench, file.as_file())?;
    bench.mark("file mapped");
    let first = setup::read(setup::half(&map));
    bench.mark("half read");
    let again = setup::read(setup::half(&map));
    bench.mark("half read again");
    bench.fact("checksum", first.wrapping_add(again));
    Ok(())
}
