//! The file on a disk once more, in less memory than it takes.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: the kernel writes out and drops what does not fit, and the program need not know.
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
