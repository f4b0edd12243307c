//! A watch over readings: it remembers where each piece lies, and what that came to.

use labkit::{Bench, Result};
use ndarray::ArrayView1;
use tempfile::NamedTempFile;

use crate::setup;

/// Pieces of the readings, each with the sum of its bits.
#[derive(Default)]
struct Watch<'a> {
    seen: Vec<(&'a [f64], u64)>,
}

impl<'a> Watch<'a> {
    /// Looks at all readings, and gives the sum of their bits.
    fn look(&mut self, readings: ArrayView1<'a, f64>) -> u64 {
        let readings = readings.to_slice().expect("the numbers of a file lie in order");
        let pieces = readings.chunks(setup::PIECE).map(|piece| (piece, setup::read(piece.into())));
        let first = self.seen.len();
        // TODO: every piece is kept, and resident memory climbs with each. Say what is wrong, if anything is.
        self.seen.extend(pieces);
        self.seen[first..].iter().map(|(_, sum)| *sum).fold(0, u64::wrapping_add)
    }
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
    let mut watch = Watch::default();
    let first = watch.look(setup::half(&map));
    bench.mark("half read");
    let again = watch.look(setup::half(&map));
    bench.mark("half read again");
    bench.fact("checksum", first.wrapping_add(again));
    Ok(())
}
