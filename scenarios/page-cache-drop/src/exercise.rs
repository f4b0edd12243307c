//! Angles in turns, of which some are a turn short: how large is the largest, and how many come near it?

use labkit::{Bench, Result};
use tempfile::NamedTempFile;

use crate::setup;

fn clean(reading: f64) -> f64 {
    if reading < 0.0 { reading + 1.0 } else { reading }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let file = NamedTempFile::new_in(bench.disk())?;
    bench.mark("file created");
    setup::write_angles(bench, file.as_file())?;
    bench.mark("file written");
    setup::drop_cache(file.as_file())?;
    bench.mark("cache dropped");
    let map = setup::map(bench, file.as_file())?;
    bench.mark("file mapped");
    // TODO: a map costs nothing but what is lent, and yet memory is owned here. Do the work without it.
    let readings = setup::half(&map).mapv(clean);
    let first = setup::look(readings.view(), f64::INFINITY);
    bench.mark("half read");
    let again = setup::look(readings.view(), first.largest / 2.0);
    bench.mark("half read again");
    bench.fact("large_readings", again.above);
    bench.fact("checksum", first.sum.wrapping_add(again.sum));
    Ok(())
}
