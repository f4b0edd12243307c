//! How an array looks in a message: this is joblib's reducer, as serde knows it.

use std::cell::Cell;
use std::sync::Arc;

use ndarray::Dimension;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Array;
use crate::object::{Buffer, Mapping, Object};
use crate::store::{self, Place};

#[derive(Serialize, Deserialize)]
enum Wire<'a> {
    /// The numbers, row by row.
    Numbers {
        shape: Vec<usize>,
        #[serde(borrow, serialize_with = "in_one_piece")]
        bytes: &'a [u8],
    },
    /// Where they are.
    Place(Place),
}

impl<D: Dimension> Serialize for Array<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = self.object();
        if let Some(place) = store::place_of(object).map_err(S::Error::custom)? {
            return Wire::Place(place).serialize(serializer);
        }
        let shape = object.shape.clone();
        if let Some(numbers) = self.view().as_slice() {
            return Wire::Numbers { shape, bytes: bytemuck::cast_slice(numbers) }.serialize(serializer);
        }
        let mut gathered = Vec::with_capacity(object.bytes());
        object.in_order(|bytes| {
            gathered.extend_from_slice(bytes);
            Ok::<(), S::Error>(())
        })?;
        Wire::Numbers { shape, bytes: &gathered }.serialize(serializer)
    }
}

impl<'de, D: Dimension> Deserialize<'de> for Array<D> {
    fn deserialize<T: Deserializer<'de>>(deserializer: T) -> Result<Self, T::Error> {
        let object = match Wire::deserialize(deserializer)? {
            Wire::Numbers { shape, bytes } => {
                let (numbers, _) = bytes.as_chunks();
                let numbers: Vec<f64> = numbers.iter().map(|number| f64::from_ne_bytes(*number)).collect();
                if shape.iter().product::<usize>() != numbers.len() {
                    return Err(refused("an array has more or fewer numbers than its shape says"));
                }
                Object::whole(Buffer::Memory(numbers), shape)
            }
            Wire::Place(place) => {
                let mapping = Mapping::open(&place.path, place.offset, place.len)
                    .map_err(|error| refused(&format!("{}: {error}", place.path.display())))?;
                let buffer = Arc::new(Buffer::File(mapping));
                Object { buffer, span: 0..place.len, shape: place.shape, strides: place.strides }
            }
        };
        Array::checked(object).map_err(|error| refused(&error.to_string()))
    }
}

thread_local! {
    /// Why the last array was refused: postcard's errors carry no text.
    static REASON: Cell<Option<String>> = const { Cell::new(None) };
}

/// What went wrong when a message was made or read.
pub(crate) fn reason(error: &postcard::Error) -> String {
    REASON.take().unwrap_or_else(|| error.to_string())
}

fn refused<E: serde::de::Error>(text: &str) -> E {
    REASON.set(Some(text.to_owned()));
    E::custom(text)
}

/// As bytes and not as a row of small numbers: one copy instead of a call for each.
fn in_one_piece<S: Serializer>(bytes: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
