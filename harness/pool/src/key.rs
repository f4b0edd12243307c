//! When two arrays are the same array: the question that decides how many files are written.

#![expect(clippy::disallowed_types, reason = "nothing here depends on the order of the files")]

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::{Arc, Weak};

use crate::object::{Buffer, Object};

/// What a pool takes for the same array, so that it is written only once.
///
/// The first three are what joblib did in turn. Twenty fresh slices of each of eight parts of an
/// array, as in the scenario `slice-dup`, cost:
///
/// | key | files | |
/// |---|---|---|
/// | `Address` | 1 or a few | wrong numbers in most of the tasks: how many is the allocator's choice |
/// | `Content` | 8 | all numbers are read and hashed for every task |
/// | `WeakIdentity` | 160 | |
/// | `BufferRange` | 8 | |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// The address of the array object, and nothing else (joblib up to 0.9.3).
    ///
    /// **Hands over wrong numbers**. When an object is gone, the allocator gives its address to the
    /// next one, and the next one gets the file of the first (scikit-learn issue 6063).
    Address,
    /// A hash of the numbers (joblib 0.9.4 to 0.11, pull request 294).
    ///
    /// A collision would hand over wrong numbers, so the hash must be a good one, but there's no attacker: the arrays
    /// are the program's own. std's SipHash with its random key is that, and needs no other crate. Among a thousand
    /// arrays the chance of a collision is 1 in 10^13.
    Content,
    /// The address of the array object, for as long as it lives (joblib since 0.12, pull request 625).
    ///
    /// Never wrong, and cheap. But a fresh slice is a new object, and is written again.
    #[default]
    WeakIdentity,
    /// The buffer, for as long as it lives, and which of its numbers are seen in which order.
    ///
    /// What would have prevented the lesson: a fresh slice of the same part is known again.
    BufferRange,
}

/// The files that were written, by what they hold.
pub(crate) struct Index<F> {
    key: Key,
    random: RandomState,
    files: HashMap<Id, (Anchor, F)>,
}

#[derive(PartialEq, Eq, Hash)]
enum Id {
    Address(usize),
    Content { hash: u64, shape: Vec<usize> },
    Range { buffer: usize, span: Range<usize>, shape: Vec<usize>, strides: Vec<isize> },
}

/// What an entry's address is worth. While an anchor's [`Weak`] is there, its address can't be
/// given to anyone else. So an address that is found is the right one as long as the anchor is alive.
enum Anchor {
    None,
    Object(Weak<Object>),
    Buffer(Weak<Buffer>),
}

impl<F: Clone> Index<F> {
    pub(crate) fn new(key: Key) -> Self {
        Index { key, random: RandomState::new(), files: HashMap::new() }
    }

    pub(crate) fn key(&self) -> Key {
        self.key
    }

    /// The file that holds this array; otherwise the one that `write` makes.
    pub(crate) fn file_of<E>(
        &mut self,
        object: &Arc<Object>,
        write: impl FnOnce() -> Result<F, E>,
    ) -> Result<F, E> {
        self.forget_the_dead();
        let (id, anchor) = self.identify(object);
        let (_, file) = match self.files.entry(id) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert((anchor, write()?)),
        };
        Ok(file.clone())
    }

    /// Lets go of the files whose arrays are gone.
    ///
    /// A Weak keeps the allocation of what it points to, here some 100 bytes without the numbers.
    /// Python drops an entry in the very moment when its object dies; this is soon enough.
    pub(crate) fn forget_the_dead(&mut self) {
        self.files.retain(|_, (anchor, _)| anchor.is_alive());
    }

    fn identify(&self, object: &Arc<Object>) -> (Id, Anchor) {
        let address = Arc::as_ptr(object).addr();
        match self.key {
            Key::Address => (Id::Address(address), Anchor::None),
            Key::Content => {
                let (hash, shape) = (self.hash(object), object.shape.clone());
                (Id::Content { hash, shape }, Anchor::None)
            }
            Key::WeakIdentity => (Id::Address(address), Anchor::Object(Arc::downgrade(object))),
            Key::BufferRange => {
                let id = Id::Range {
                    buffer: Arc::as_ptr(&object.buffer).addr(),
                    span: object.span.clone(),
                    shape: object.shape.clone(),
                    strides: object.strides.clone(),
                };
                (id, Anchor::Buffer(Arc::downgrade(&object.buffer)))
            }
        }
    }

    fn hash(&self, object: &Object) -> u64 {
        let mut hasher = self.random.build_hasher();
        let Ok(()) = object.in_order::<std::convert::Infallible>(|bytes| {
            hasher.write(bytes);
            Ok(())
        });
        hasher.finish()
    }
}

impl Anchor {
    fn is_alive(&self) -> bool {
        match self {
            Anchor::None => true,
            Anchor::Object(object) => object.strong_count() > 0,
            Anchor::Buffer(buffer) => buffer.strong_count() > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::Array;

    /// The file of an array, by a number that `next` counts up for each that is written.
    fn file_of(index: &mut Index<PathBuf>, array: &Array, next: &mut u32) -> PathBuf {
        let write = || {
            *next += 1;
            Ok::<_, ()>(PathBuf::from(next.to_string()))
        };
        index.file_of(array.object(), write).unwrap()
    }

    fn fresh() -> Array {
        Array::from(ndarray::array![1.0, 2.0, 3.0])
    }

    #[test]
    fn a_clone_is_the_same_object_and_finds_the_same_file() {
        for key in [Key::Address, Key::Content, Key::WeakIdentity, Key::BufferRange] {
            let (mut index, array, mut next) = (Index::new(key), fresh(), 0);
            let first = file_of(&mut index, &array, &mut next);
            assert_eq!(file_of(&mut index, &array.clone(), &mut next), first, "{key:?}");
        }
    }

    #[test]
    fn an_entry_goes_with_its_last_owner() {
        for key in [Key::WeakIdentity, Key::BufferRange] {
            let (mut index, array, mut next) = (Index::new(key), fresh(), 0);
            file_of(&mut index, &array, &mut next);
            let clone = array.clone();
            drop(array);
            file_of(&mut index, &clone, &mut next);
            assert_eq!(next, 1, "{key:?}: a clone keeps it");
            drop(clone);
            file_of(&mut index, &fresh(), &mut next);
            assert_eq!((next, index.files.len()), (2, 1), "{key:?}: only the new one is left");
        }
    }

    #[test]
    fn a_thousand_short_lived_arrays_are_never_taken_for_each_other() {
        for key in [Key::WeakIdentity, Key::BufferRange] {
            let (mut index, mut next) = (Index::new(key), 0);
            for expected in 1..=1000 {
                let file = file_of(&mut index, &fresh(), &mut next);
                assert_eq!(file, Path::new(&expected.to_string()), "{key:?}");
            }
        }
    }
}
