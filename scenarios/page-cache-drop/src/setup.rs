//! What the variants share: the file, its numbers, and how it is dropped from the page cache.

use std::fs::File;
use std::io::{self, Write};

use labkit::{Bench, checksum, sys};
use memmap2::{Advice, Mmap};
use ndarray::ArrayView1;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

/// How many numbers are written or looked at in one piece: 1 MiB of them.
pub(crate) const PIECE: usize = (1 << 20) / size_of::<f64>();

/// The size of the file, in bytes.
fn bytes(bench: &Bench) -> usize {
    bench.size("file_mib") << 20
}

/// Fills the file with numbers, piece by piece, so that never more than one piece is on the heap.
///
/// It is written out in eighths, except the last of them, which waits to be written. If all pages waited
/// for a slow disk, a kernel with room for half of the file could be short of pages that it may drop.
/// Then it would kill rather than evict.
pub(crate) fn write(bench: &Bench, file: &File) -> io::Result<()> {
    write_as(bench, file, |number| number)
}

/// The same for the exercise: angles in turns, of which those above a half are written as a turn less.
pub(crate) fn write_angles(bench: &Bench, file: &File) -> io::Result<()> {
    // A number of 0.5 or more can lose 1 and have it again, to the last bit. The logistic map may reach 1 itself.
    write_as(bench, file, |number| if (0.5..1.0).contains(&number) { number - 1.0 } else { number })
}

fn write_as(bench: &Bench, mut file: &File, written: fn(f64) -> f64) -> io::Result<()> {
    let mut piece = bench.array(1);
    let pieces = bench.size("file_mib");
    let eighth = pieces.div_ceil(8);
    for count in 1..=pieces {
        piece.mapv_inplace(written);
        file.write_all(bytemuck::cast_slice(piece.as_slice().expect("an array of one row lies in order")))?;
        // The logistic map stays between 0 and 1 and does not settle: no two pieces are alike, so
        // that a file system that finds equal blocks finds none.
        piece.mapv_inplace(|number| {
            let number = if number < 0.0 { number + 1.0 } else { number };
            4.0 * number * (1.0 - number)
        });
        if count % eighth == 0 && count + eighth <= pieces {
            file.sync_data()?;
        }
    }
    Ok(())
}

/// Writes the file to its disk, and then lets the kernel forget its pages (posix_fadvise(2)).
///
/// Only pages that the disk has as well can go, so the first step is what makes the second one work.
/// Neither needs root, and no other file is touched.
pub(crate) fn drop_cache(file: &File) -> io::Result<()> {
    file.sync_all()?;
    Ok(posix_fadvise(file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?)
}

/// Maps the file, and reads nothing of it.
///
/// The kernel is told that it will be read from front to back. It then reads ahead of where the
/// program is, but no more than there is, and nothing that lies behind.
pub(crate) fn map(bench: &Bench, file: &File) -> io::Result<Mmap> {
    let map = sys::map(file, 0, bytes(bench))?;
    map.advise(Advice::Sequential)?;
    Ok(map)
}

/// Maps the file, and reads all of it first.
pub(crate) fn map_fetched(bench: &Bench, file: &File) -> io::Result<Mmap> {
    sys::map_populated(file, 0, bytes(bench))
}

/// The second half of the numbers of a map: what the kernel reads ahead ends where the file ends.
pub(crate) fn half(map: &[u8]) -> ArrayView1<'_, f64> {
    ArrayView1::from(bytemuck::cast_slice(&map[map.len() / 2..]))
}

/// Reads all numbers, from wherever they are.
#[inline(never)]
pub(crate) fn read(numbers: ArrayView1<'_, f64>) -> u64 {
    checksum(numbers)
}

/// What one look at readings comes to, for the exercise.
#[derive(Default)]
pub(crate) struct Seen {
    /// The sum of their bits, as [`checksum`] has it.
    pub(crate) sum: u64,
    /// The largest of them.
    pub(crate) largest: f64,
    /// How many of them are above the level that was asked for.
    pub(crate) above: u64,
}

impl Seen {
    /// What two parts of the readings come to together.
    pub(crate) fn and(self, other: Seen) -> Seen {
        Seen {
            sum: self.sum.wrapping_add(other.sum),
            largest: self.largest.max(other.largest),
            above: self.above + other.above,
        }
    }
}

/// Looks at all readings once, and counts those above a level.
pub(crate) fn look(readings: ArrayView1<'_, f64>, level: f64) -> Seen {
    Seen {
        sum: read(readings),
        largest: readings.iter().copied().fold(0.0, f64::max),
        above: readings.iter().filter(|reading| **reading > level).count() as u64,
    }
}
