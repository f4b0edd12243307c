//! Readings below zero are errors of the instrument: they are set to zero, and the rest is added up.

use labkit::{Bench, Result};
use ndarray::{ArrayView1, Axis};
use tempfile::NamedTempFile;

use crate::setup;

fn clean(reading: f64) -> f64 {
    reading.max(0.0)
}

fn sum(readings: ArrayView1<'_, f64>) -> u64 {
    // Fixed: arithmetic on a map makes an ordinary array, so it is done on one piece at a time.
    let pieces = readings.axis_chunks_iter(Axis(0), setup::PIECE);
    pieces.map(|piece| setup::read(piece.mapv(clean).view())).fold(0, u64::wrapping_add)
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
    let first = sum(setup::half(&map));
    bench.mark("half read");
    let again = sum(setup::half(&map));
    bench.mark("half read again");
    bench.fact("checksum", first.wrapping_add(again));
    Ok(())
}
