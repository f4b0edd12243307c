//! Readings below zero are errors of the instrument: they are set to zero, and the rest is added up.

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

fn clean(reading: f64) -> f64 {
    reading.max(0.0)
}

pub(crate) fn run(bench: &Bench) -> Result {
    let file = NamedTempFile::new_in(bench.disk())?;
    bench.mark("file created");
    setup::write(bench, file.as_file())?;
    bench.mark("file written");
    setup::drop_cache(file.as_file())?;
    bench.mark("cache dropped");
    let map = setup::map(bench, file.as_file())?;
    bench.mark("file mapped");
    // TODO: a map costs nothing but what is lent, and yet memory is owned here. Do the work without it.
    let readings = setup::half(&map).mapv(clean);
    let first = setup::read(readings.view());
    bench.mark("half read");
    let again = setup::read(readings.view());
    bench.mark("half read again");
    bench.fact("checksum", first.wrapping_add(again));
    Ok(())
}
