//! Angles in turns, of which some are a turn short: how large is the largest, and how many come near it?

use labkit::{Bench, Result};
use ndarray::{ArrayView1, Axis};
use tempfile::NamedTempFile;

use crate::setup::{self, Seen};

fn clean(reading: f64) -> f64 {
    if reading < 0.0 { reading + 1.0 } else { reading }
}

fn look(readings: ArrayView1<'_, f64>, level: f64) -> Seen {
    // Fixed: arithmetic on a map makes an ordinary array, so it is done on one piece at a time.
    let pieces = readings.axis_chunks_iter(Axis(0), setup::PIECE);
    pieces.map(|piece| setup::look(piece.mapv(clean).view(), level)).fold(Seen::default(), Seen::and)
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
    let first = look(setup::half(&map), f64::INFINITY);
    bench.mark("half read");
    let again = look(setup::half(&map), first.largest / 2.0);
    bench.mark("half read again");
    bench.fact("large_readings", again.above);
    bench.fact("checksum", first.sum.wrapping_add(again.sum));
    Ok(())
}
