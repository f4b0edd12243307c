//! The store of a pool: it decides how an array travels, and writes the large ones to files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::folder::spare;
use crate::keep::{Keep, Written};
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
    /// Where a file goes that the folder has no room for.
    spill: Option<PathBuf>,
    threshold: Option<usize>,
    keep: Keep,
    /// The files of arrays that the program still holds.
    index: Index<Rc<Written>>,
    /// The files that stay whatever happens.
    kept: Vec<Rc<Written>>,
    /// The files in the message that is being made.
    leaving: Vec<Rc<Written>>,
    /// The files of each task that is on its way with some, by the number of the task.
    on_their_way: BTreeMap<u64, Vec<Rc<Written>>>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// How many of the files didn't go to the folder.
    pub(crate) spilled: u64,
    /// Why the last array couldn't be written: serde carries only texts.
    pub(crate) failure: Option<Error>,
}

impl Store {
    pub(crate) fn new(
        folder: PathBuf,
        spill: Option<PathBuf>,
        threshold: Option<usize>,
        key: Key,
        keep: Keep,
    ) -> Self {
        Store {
            folder,
            spill,
            threshold,
            keep,
            index: Index::new(key),
            kept: Vec::new(),
            leaving: Vec::new(),
            on_their_way: BTreeMap::new(),
            files: 0,
            bytes: 0,
            spilled: 0,
            failure: None,
        }
    }

    /// The message that was made is on its way, as the task of this number.
    pub(crate) fn sent(&mut self, task: u64) {
        let files = std::mem::take(&mut self.leaving);
        if !files.is_empty() {
            self.on_their_way.insert(task, files);
        }
        // Whoever made the message got over it, so no later message is to blame for it.
        self.failure = None;
    }

    /// The message couldn't be made. Gives the reason, if it was a file.
    pub(crate) fn not_sent(&mut self) -> Option<Error> {
        self.leaving.clear();
        self.failure.take()
    }

    /// The task of this number is done, and the worker has let go of its files.
    pub(crate) fn done(&mut self, task: u64) {
        self.on_their_way.remove(&task);
        self.index.forget_the_dead();
    }

    /// What it takes for the same array.
    pub(crate) fn key(&self) -> Key {
        self.index.key()
    }

    /// How many tasks with files are on their way.
    pub(crate) fn with_files(&self) -> usize {
        self.on_their_way.len()
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
        let name = format!("{:06}.f64", self.files);
        let file = self.index.file_of(object, || {
            let folder = with_room(&self.folder, self.spill.as_deref(), bytes as u64);
            let path = folder.join(name);
            let written = Written::write(object, path.clone());
            let file = Rc::new(written.map_err(|source| Error::Write { path, bytes, source })?);
            self.files += 1;
            self.bytes += bytes as u64;
            self.spilled += u64::from(folder != self.folder);
            if self.keep == Keep::UntilThePoolEnds {
                self.kept.push(Rc::clone(&file));
            }
            Ok(file)
        })?;
        let path = file.path().to_owned();
        self.leaving.push(file);
        Ok(Some(Place {
            path,
            offset: 0,
            len: object.len(),
            shape: object.shape.clone(),
            strides: crate::object::rows(&object.shape),
        }))
    }
}

/// The folder for a file of `bytes`: if there is a second one, the first must have room for it.
///
/// Asked for each file. Others may write between the question and the file, so it isn't a promise.
fn with_room<'a>(folder: &'a Path, spill: Option<&'a Path>, bytes: u64) -> &'a Path {
    match spill {
        Some(spill) if spare(folder) < bytes => spill,
        _ => folder,
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
