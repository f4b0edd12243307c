//! The file is on a disk, and a map of it holds its pages from before they are dropped.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = NamedTempFile::new_in(bench.disk())?;
    bench.mark("file created");
    setup::write(bench, file.as_file())?;
    bench.mark("file written");
    // Mutant: pages that are mapped are not dropped, so nothing was given back, and nothing is missed.
    let _held = setup::map_fetched(bench, file.as_file())?;
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
