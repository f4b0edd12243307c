//! What the variants share: the file, the tasks, and the ways in which a file is read and given back.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use labkit::{Bench, Result, checksum, sys};
use memmap2::{Mmap, MmapMut};
use ndarray::ArrayView1;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use tempfile::NamedTempFile;

/// How much is read in one piece.
const PIECE: usize = 1 << 20;

/// Writes a file of numbers to the disk, and lets the kernel forget its pages, as if it had been there for long.
///
/// It is written out in eighths: if there is memory for half of the file, the kernel finds pages that it may drop.
pub(crate) fn written(bench: &Bench) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(bench.disk())?;
    let mut piece = bench.array(1);
    let pieces = bench.size("file_mib");
    for count in 1..=pieces {
        file.write_all(bytemuck::cast_slice(piece.as_slice().expect("an array of one row lies in order")))?;
        // The logistic map stays between 0 and 1 and does not settle, so no two pieces are alike.
        piece.mapv_inplace(|number| 4.0 * number * (1.0 - number));
        if count % pieces.div_ceil(8) == 0 {
            file.as_file().sync_data()?;
        }
    }
    file.as_file().sync_all()?;
    give_back(file.as_file(), 0..0)?;
    bench.mark("file written");
    Ok(file)
}

/// Does all tasks, one after the other.
pub(crate) fn tasks(bench: &Bench, mut task: impl FnMut(usize) -> Result<u64>) -> Result {
    let mut sum: u64 = 0;
    for number in 1..=bench.size("tasks") {
        sum = sum.wrapping_add(task(number)?);
        bench.done(number);
        if number == 1 {
            bench.mark("first task done");
        }
    }
    bench.mark("all tasks done");
    bench.fact("checksum", sum);
    Ok(())
}

/// What a task makes of some numbers. What it makes of the file is the sum over its pieces.
pub(crate) fn answer(task: usize, numbers: ArrayView1<'_, f64>) -> u64 {
    checksum(numbers).wrapping_mul(task as u64)
}

/// Maps the file, and reads nothing of it.
pub(crate) fn map(bench: &Bench, file: &NamedTempFile) -> io::Result<Mmap> {
    sys::map(file.as_file(), 0, bench.size("file_mib") << 20)
}

/// The same as a map that can be written to, which nobody does.
pub(crate) fn map_mut(bench: &Bench, file: &NamedTempFile) -> io::Result<MmapMut> {
    sys::map_mut(file.as_file(), bench.size("file_mib") << 20)
}

/// The numbers of a map.
pub(crate) fn numbers(map: &[u8]) -> ArrayView1<'_, f64> {
    ArrayView1::from(bytemuck::cast_slice(map))
}

/// Lets the kernel forget this part of a file (posix_fadvise(2)); one that is empty means all to the end of the file.
///
/// Pages that are only partly in it stay, and so do those that somebody has mapped.
pub(crate) fn give_back(file: &File, part: Range<u64>) -> Result {
    let [start, len] = [part.start, part.end - part.start].map(i64::try_from);
    Ok(posix_fadvise(file, start?, len?, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?)
}

/// A file that is read from front to back, through one buffer.
pub(crate) struct Stream<'a> {
    file: &'a File,
    buffer: Vec<f64>,
    last: Range<u64>,
}

impl<'a> Stream<'a> {
    /// Reads large pieces.
    pub(crate) fn new(file: &'a NamedTempFile) -> Self {
        Self::of(file, PIECE)
    }

    /// Reads single records.
    pub(crate) fn of_records(bench: &Bench, file: &'a NamedTempFile) -> Self {
        Self::of(file, bench.size("record_kib") << 10)
    }

    fn of(file: &'a NamedTempFile, bytes: usize) -> Self {
        Self { file: file.as_file(), buffer: vec![0.0; bytes / size_of::<f64>()], last: 0..0 }
    }

    /// Reads the next piece; `None` at the end of the file.
    pub(crate) fn read(&mut self) -> Result<Option<ArrayView1<'_, f64>>> {
        let start = self.last.end;
        let left = usize::try_from(self.file.metadata()?.len() - start)? / size_of::<f64>();
        let len = left.min(self.buffer.len());
        if len == 0 {
            return Ok(None);
        }
        let numbers = &mut self.buffer[..len];
        self.file.read_exact_at(bytemuck::cast_slice_mut(numbers), start)?;
        self.last = start..start + size_of_val(numbers) as u64;
        Ok(Some(ArrayView1::from(&*numbers)))
    }

    /// Where the piece is that was read last.
    pub(crate) fn last(&self) -> Range<u64> {
        self.last.clone()
    }

    /// All that has been read, from the beginning of the file.
    pub(crate) fn so_far(&self) -> Range<u64> {
        0..self.last.end
    }

    /// Gives a part of the file back.
    pub(crate) fn give_back(&self, part: Range<u64>) -> Result {
        give_back(self.file, part)
    }
}
