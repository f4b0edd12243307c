//! A file on a disk: the memory that it takes is lent, and what is taken back must be read again.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Broken: the pages of this file are only a copy of the disk, and the work waits for them.
    let file = NamedTempFile::new_in(bench.disk())?;
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
