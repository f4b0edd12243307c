//! The store of a pool: it decides how an array travels, and writes the large ones to files.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::array::write;
use crate::key::{Index, Key};
use crate::object::{Buffer, Object};

/// Where the numbers of an array are, for one who can open files.
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// Where the lowest number begins, in bytes.
    pub(crate) offset: u64,
    /// From the lowest to the highest number.
    pub(crate) len: usize,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<isize>,
}

/// The files of a pool.
pub(crate) struct Store {
    folder: PathBuf,
    threshold: Option<usize>,
    index: Index,
    /// How many files have been begun. One that could not be finished stays, as in joblib, so its
    /// name is not to be used again.
    begun: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// Why the last array could not be written: serde carries only texts.
    pub(crate) failure: Option<Error>,
}

impl Store {
    pub(crate) fn new(folder: PathBuf, threshold: Option<usize>, key: Key) -> Self {
        Store { folder, threshold, index: Index::new(key), begun: 0, files: 0, bytes: 0, failure: None }
    }

    /// The place of an array that travels as a file, written if need be; `None` if its numbers travel.
    fn place(&mut self, object: &Arc<Object>) -> Result<Option<Place>, Error> {
        if let Buffer::File(mapping) = object.buffer.as_ref() {
            let offset = mapping.offset + (object.span.start * size_of::<f64>()) as u64;
            return Ok(Some(Place {
                path: mapping.path.clone(),
                offset,
                len: object.span.len(),
                shape: object.shape.clone(),
                strides: object.strides.clone(),
            }));
        }
        if self.threshold.is_none_or(|threshold| object.bytes() <= threshold) {
            return Ok(None);
        }
        let bytes = object.bytes();
        let path = self.folder.join(format!("{:06}.f64", self.begun));
        let (begun, files, written) = (&mut self.begun, &mut self.files, &mut self.bytes);
        let path = self.index.file_of(object, || {
            *begun += 1;
            write(object, &path).map_err(|source| Error::Write { path: path.clone(), bytes, source })?;
            *files += 1;
            *written += bytes as u64;
            Ok(path)
        })?;
        Ok(Some(Place {
            path: path.to_owned(),
            offset: 0,
            len: object.len(),
            shape: object.shape.clone(),
            strides: crate::object::rows(&object.shape),
        }))
    }
}

thread_local! {
    /// The store of the pool that is making a message on this thread.
    static CURRENT: RefCell<Option<Rc<RefCell<Store>>>> = const { RefCell::new(None) };
}

/// Makes a message; the arrays in it go through `store`, however deep they sit.
pub(crate) fn handing_over<R>(store: &Rc<RefCell<Store>>, make: impl FnOnce() -> R) -> R {
    struct Before(Option<Rc<RefCell<Store>>>);
    impl Drop for Before {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _before = Before(CURRENT.replace(Some(Rc::clone(store))));
    make()
}

/// The place of an array in the message that is being made; `None` if its numbers are to travel.
pub(crate) fn place_of(object: &Arc<Object>) -> Result<Option<Place>, String> {
    let Some(store) = CURRENT.with_borrow(Clone::clone) else {
        return Ok(None);
    };
    let mut store = store.borrow_mut();
    store.place(object).map_err(|error| {
        let text = error.to_string();
        store.failure = Some(error);
        text
    })
}
