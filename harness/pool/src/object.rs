//! What an array is made of: an object, which says how to look at a buffer, and the buffer.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use labkit::sys;
use memmap2::Mmap;
use ndarray::{ArrayView, ArrayViewD, Dimension, IxDyn, ShapeBuilder, ShapeError};

/// The size of one number, in bytes.
const NUMBER: usize = size_of::<f64>();

/// How many numbers are gathered at a time if they don't lie side by side: 2 MiB.
const CHUNK: usize = (2 << 20) / NUMBER;

/// One look at a buffer. Its address is the array's identity.
pub(crate) struct Object {
    pub(crate) buffer: Arc<Buffer>,
    /// From the lowest to the highest number that is seen, as positions in the buffer.
    pub(crate) span: Range<usize>,
    pub(crate) shape: Vec<usize>,
    /// In numbers, not in bytes; below zero if an axis runs backwards.
    pub(crate) strides: Vec<isize>,
}

/// The numbers themselves.
pub(crate) enum Buffer {
    /// On the heap.
    Memory(Vec<f64>),
    /// In a file that is mapped read-only.
    File(Mapping),
}

/// A part of a file, mapped.
pub(crate) struct Mapping {
    /// Absolute, since a process in another folder must find it too.
    pub(crate) path: PathBuf,
    /// Where the part begins, in bytes.
    pub(crate) offset: u64,
    map: Mmap,
    /// Open for as long as the map is, as in Python's mmap module. The map doesn't need it, but a
    /// reader does: `ls -l /proc/PID/fd` then names the file that a task is working on.
    _file: File,
}

impl Object {
    /// The object that looks at `buffer` as `view` does.
    ///
    /// # Panics
    ///
    /// When the view isn't one of this buffer.
    pub(crate) fn of<D: Dimension>(buffer: Arc<Buffer>, view: &ArrayView<'_, f64, D>) -> Self {
        // Where an empty view points to says nothing.
        let first = if view.is_empty() {
            0
        } else {
            let base = buffer.numbers().as_ptr().addr();
            view.as_ptr().addr().checked_sub(base).expect("a view begins in its buffer") / NUMBER
        };
        Object::laid_out(buffer, first, view.shape().to_vec(), view.strides().to_vec())
    }

    /// The object whose first number is at the position `first` of the buffer.
    ///
    /// # Panics
    ///
    /// When it reaches beyond the buffer.
    pub(crate) fn laid_out(
        buffer: Arc<Buffer>,
        first: usize,
        shape: Vec<usize>,
        mut strides: Vec<isize>,
    ) -> Self {
        if shape.contains(&0) {
            strides.fill(0);
            return Object { buffer, span: 0..0, shape, strides };
        }
        let (below, above) = reach(&shape, &strides);
        let span = first - below..first + above + 1;
        assert!(span.end <= buffer.numbers().len(), "an array ends in its buffer");
        Object { buffer, span, shape, strides }
    }

    /// The object that sees all of a buffer, row by row.
    pub(crate) fn whole(buffer: Buffer, shape: Vec<usize>) -> Self {
        let strides = rows(&shape);
        Object::laid_out(Arc::new(buffer), 0, shape, strides)
    }

    /// The view that this object stands for.
    ///
    /// # Errors
    ///
    /// When shape and strides don't fit the buffer, which can only be so for an object from a message.
    pub(crate) fn view<D: Dimension>(&self) -> Result<ArrayView<'_, f64, D>, ShapeError> {
        let strides: Vec<usize> = self.strides.iter().map(|stride| stride.cast_unsigned()).collect();
        let shape = dimension::<D>(&self.shape)?.strides(dimension::<D>(&strides)?);
        ArrayView::from_shape(shape, &self.buffer.numbers()[self.span.clone()])
    }

    /// How many numbers are seen.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The size of the numbers that are seen, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.len() * NUMBER
    }

    /// Gives all numbers to `take`, row by row: in one piece if they lie side by side, else in chunks.
    pub(crate) fn in_order<E>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let view: ArrayViewD<'_, f64> = self.view().expect("an object fits its buffer");
        if let Some(numbers) = view.as_slice() {
            return take(bytemuck::cast_slice(numbers));
        }
        let mut numbers = view.iter().copied();
        let mut chunk: Vec<f64> = Vec::with_capacity(CHUNK.min(self.len()));
        loop {
            chunk.clear();
            chunk.extend(numbers.by_ref().take(CHUNK));
            if chunk.is_empty() {
                return Ok(());
            }
            take(bytemuck::cast_slice(&chunk))?;
        }
    }
}

impl Buffer {
    pub(crate) fn numbers(&self) -> &[f64] {
        match self {
            Buffer::Memory(numbers) => numbers,
            Buffer::File(mapping) => bytemuck::cast_slice(&mapping.map),
        }
    }
}

impl Mapping {
    /// Maps `len` numbers of the file at `path`, from the byte `offset` on.
    pub(crate) fn open(path: &Path, offset: u64, len: usize) -> io::Result<Self> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what);
        if !offset.is_multiple_of(NUMBER as u64) {
            return Err(invalid("a map of float64 numbers begins at a multiple of 8 bytes"));
        }
        let file = File::open(path)?;
        let bytes = len.checked_mul(NUMBER).ok_or_else(|| invalid("the map is larger than the memory"))?;
        // Beyond the end of a file a map is only SIGBUS (mmap(2)), so this is asked before.
        if offset.saturating_add(bytes as u64) > file.metadata()?.len() {
            return Err(invalid("the file is shorter than the array"));
        }
        let map = sys::map(&file, offset, bytes)?;
        Ok(Mapping { path: absolute(path)?, offset, map, _file: file })
    }
}

/// How far a view reaches below and above its first number.
fn reach(shape: &[usize], strides: &[isize]) -> (usize, usize) {
    shape.iter().zip(strides).fold((0, 0), |(below, above), (len, stride)| {
        let far = (len - 1) * stride.unsigned_abs();
        if *stride < 0 { (below + far, above) } else { (below, above + far) }
    })
}

/// The strides of an array that lies row by row.
pub(crate) fn rows(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].cast_signed();
    }
    strides
}

fn dimension<D: Dimension>(axes: &[usize]) -> Result<D, ShapeError> {
    D::from_dimension(&IxDyn(axes))
        .ok_or_else(|| ShapeError::from_kind(ndarray::ErrorKind::IncompatibleShape))
}
