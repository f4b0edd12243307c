//! A column as its first value, followed by differences: a quiet hour is a row of zeros.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(values: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    let mut last = 0;
    serializer.collect_seq(values.iter().map(|&value| {
        let step = value.wrapping_sub(last).cast_signed();
        last = value;
        step
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    deserializer.deserialize_seq(Steps)
}

/// Adds the differences up while they are read.
struct Steps;

impl<'de> Visitor<'de> for Steps {
    type Value = Vec<u64>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, and the differences that follow it")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut steps: A) -> Result<Vec<u64>, A::Error> {
        let mut value = 0u64;
        // At 1 kHz, 50 are written together.
        let mut values = Vec::with_capacity(64);
        while let Some(step) = steps.next_element::<i64>()? {
            value = value.wrapping_add_signed(step);
            values.push(value);
        }
        Ok(values)
    }
}
