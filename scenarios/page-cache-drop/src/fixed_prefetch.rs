//! The file is on a disk, and all of it is fetched before the work begins.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = NamedTempFile::new_in(bench.disk())?;
    bench.mark("file created");
    setup::write(bench, file.as_file())?;
    bench.mark("file written");
    setup::drop_cache(file.as_file())?;
    bench.mark("cache dropped");
    // Fixed: the map is filled in one go, in large reads, and the work finds every page in place.
    let map = setup::map_fetched(bench, file.as_file())?;
    bench.mark("file mapped");
    let first = setup::read(setup::half(&map));
    bench.mark("half read");
    let again = setup::read(setup::half(&map));
    bench.mark("half read again");
    bench.fact("checksum", first.wrapping_add(again));
    Ok(())
}
