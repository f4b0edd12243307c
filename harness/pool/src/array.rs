//! The array that tasks take as an argument.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayView, Dimension, Ix1, ShapeError, SliceArg};

use crate::object::{Buffer, Mapping, Object};

/// An array of float64 numbers that can travel to another process.
///
/// It is an object on a buffer, both counted, as in NumPy. A clone is the *same* object. A
/// [slice](Array::slice) is a *new* object on the same buffer. Nothing is copied, but it has a new
/// identity, and a pool that goes by identities will write the same numbers to a new file.
///
/// In a message to a worker it is what the pool makes of it: its numbers, or the place of a file
/// that holds them (see [the crate](crate)). In any other message it is its numbers.
///
/// ```
/// use labpool::Array;
/// use ndarray::{array, s};
///
/// let whole = Array::from(array![1.0, 2.0, 3.0, 4.0]);
/// let half = whole.slice(s![2..]);
/// assert_eq!(half.view(), array![3.0, 4.0]);
/// ```
pub struct Array<D = Ix1> {
    object: Arc<Object>,
    dimension: PhantomData<fn() -> D>,
}

impl<D: Dimension> Array<D> {
    /// The numbers, to work with.
    pub fn view(&self) -> ArrayView<'_, f64, D> {
        self.object.view().expect("an object fits its buffer")
    }

    /// A new object that sees a part of the same buffer.
    ///
    /// # Panics
    ///
    /// When the part reaches beyond the array, as in ndarray.
    pub fn slice<I: SliceArg<D>>(&self, part: I) -> Array<I::OutDim> {
        self.rearranged(|view| view.slice_move(part))
    }

    /// A new object that sees the same buffer in the way that `arrange` says: transposed, reshaped.
    ///
    /// # Panics
    ///
    /// When `arrange` gives back a view of something else.
    pub fn rearranged<E: Dimension>(
        &self,
        arrange: impl for<'a> FnOnce(ArrayView<'a, f64, D>) -> ArrayView<'a, f64, E>,
    ) -> Array<E> {
        let view = arrange(self.view());
        Array::new(Object::of(Arc::clone(&self.object.buffer), &view))
    }

    /// The file that holds the numbers, if they are mapped from one.
    pub fn file(&self) -> Option<&Path> {
        match self.object.buffer.as_ref() {
            Buffer::Memory(_) => None,
            Buffer::File(mapping) => Some(&mapping.path),
        }
    }

    /// Writes the numbers to a new file, row by row and with nothing before or after them.
    ///
    /// # Errors
    ///
    /// Those of open(2) and write(2): the file exists, or there's no space left.
    pub fn write_file(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(&self.object, path.as_ref())
    }

    /// Maps a file of numbers, from the byte `offset` on, read-only and shared.
    ///
    /// The file must stay as it is for as long as the array lives: to cut it would end every
    /// process that looks at it with SIGBUS (mmap(2)). To unlink it is harmless.
    ///
    /// # Errors
    ///
    /// Those of open(2) and mmap(2); and when the file is shorter than the shape, or `offset` is
    /// not a multiple of 8.
    pub fn map_file(path: impl AsRef<Path>, offset: u64, shape: D) -> io::Result<Self> {
        let mapping = Mapping::open(path.as_ref(), offset, shape.size())?;
        Ok(Array::new(Object::whole(Buffer::File(mapping), shape.slice().to_vec())))
    }

    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }

    /// An array made from a message.
    pub(crate) fn checked(object: Object) -> Result<Self, ShapeError> {
        object.view::<D>()?;
        Ok(Array::new(object))
    }

    fn new(object: Object) -> Self {
        Array { object: Arc::new(object), dimension: PhantomData }
    }
}

impl<D: Dimension> From<ndarray::Array<f64, D>> for Array<D> {
    /// Takes the numbers over, without a copy.
    fn from(array: ndarray::Array<f64, D>) -> Self {
        let (shape, strides) = (array.raw_dim(), array.strides().to_vec());
        let (numbers, first) = array.into_raw_vec_and_offset();
        Array::new(Object::laid_out(
            Arc::new(Buffer::Memory(numbers)),
            first.unwrap_or(0),
            shape.slice().to_vec(),
            strides,
        ))
    }
}

impl<D> Clone for Array<D> {
    /// The same object again: its identity is kept.
    fn clone(&self) -> Self {
        Array { object: Arc::clone(&self.object), dimension: PhantomData }
    }
}

impl<D: Dimension> fmt::Debug for Array<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Array")
            .field("shape", &self.object.shape)
            .field("file", &self.file())
            .finish_non_exhaustive()
    }
}

/// Writes an object to a new file that only its owner may read, with write(2) from where it lies.
pub(crate) fn write(object: &Object, path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    object.in_order(|bytes| file.write_all(bytes))
}
