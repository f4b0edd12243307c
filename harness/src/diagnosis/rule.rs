//! One thing that a record shows, or doesn't, or that couldn't be checked.

use std::fmt;

use super::view::View;
use crate::chart::{amount, seconds};
use crate::model::metric;

/// Something that must be so for a mode to be named: a quantity of the record, and what it must reach.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The quantity.
    pub what: &'static str,
    /// What its values count.
    pub unit: Unit,
    /// What it must be.
    pub bound: Bound,
    /// Reads it from the record.
    pub(super) measure: fn(&View<'_>) -> Measured,
}

/// What the values of a quantity count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of memory.
    Bytes,
    /// Things.
    Count,
    /// Time, in microseconds.
    Microseconds,
    /// Hundredths of something else, which the quantity names.
    Percent,
}

/// A threshold, and the side of it on which a mode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// It must be this or more.
    AtLeast(u64),
    /// It must be this or less.
    AtMost(u64),
}

/// A quantity as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measured {
    /// It's known, and when it was so in microseconds, if that was at one moment.
    Known(u64, Option<u64>),
    /// The record can't say, and why.
    Unknown(String),
}

/// The result of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was seen.
    Seen(Quantity),
    /// It was looked at, and isn't so.
    NotSeen(Quantity),
    /// It couldn't be looked at, and why.
    CouldNotLook(String),
}

/// A quantity with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// What it is.
    pub what: &'static str,
    /// Its value.
    pub value: u64,
    /// What its value counts.
    pub unit: Unit,
    /// When it was so, in microseconds; `None` if it isn't of one moment.
    pub at: Option<u64>,
    /// What it must be.
    pub bound: Bound,
}

impl Rule {
    pub(super) fn answer(&self, view: &View<'_>) -> Answer {
        let (value, at) = match (self.measure)(view) {
            Measured::Known(value, at) => (value, at),
            Measured::Unknown(why) => return Answer::CouldNotLook(format!("{}: {why}", self.what)),
        };
        let Rule { what, unit, bound, .. } = *self;
        let quantity = Quantity { what, value, unit, at, bound };
        match bound.admits(value) {
            true => Answer::Seen(quantity),
            false => Answer::NotSeen(quantity),
        }
    }
}

impl Bound {
    /// Whether a value is on the right side.
    pub(super) fn admits(self, value: u64) -> bool {
        match self {
            Bound::AtLeast(least) => value >= least,
            Bound::AtMost(most) => value <= most,
        }
    }

    /// As words, with the unit of the quantity.
    pub fn text(self, unit: Unit) -> String {
        match self {
            Bound::AtLeast(least) => format!("at least {}", unit.text(least)),
            Bound::AtMost(most) => format!("at most {}", unit.text(most)),
        }
    }
}

impl Unit {
    /// The unit as one word, for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Unit::Bytes => "bytes",
            Unit::Count => "count",
            Unit::Microseconds => "microseconds",
            Unit::Percent => "percent",
        }
    }

    fn text(self, value: u64) -> String {
        match self {
            Unit::Bytes => bytes(value),
            Unit::Count => value.to_string(),
            Unit::Microseconds => seconds(value),
            Unit::Percent => format!("{value} %"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.unit.text(self.value))?;
        self.at.map_or(Ok(()), |at| write!(f, " at {}", seconds(at)))
    }
}

impl Measured {
    /// A quantity that isn't of one moment.
    pub(super) fn known(value: u64) -> Self {
        Measured::Known(value, None)
    }

    /// Something that isn't in this record.
    pub(super) fn not_recorded(what: &str) -> Self {
        Measured::Unknown(format!("the record has no {what}"))
    }

    /// Whether something is so.
    pub(super) fn truth(is_so: bool) -> Self {
        Measured::known(u64::from(is_so))
    }

    /// The value, if it is known.
    pub(super) fn value(&self) -> Option<u64> {
        match self {
            Measured::Known(value, _) => Some(*value),
            Measured::Unknown(_) => None,
        }
    }
}

/// Bytes, as people read them.
pub(super) fn bytes(value: u64) -> String {
    amount(metric::Unit::Bytes, value)
}

/// A mebibyte.
pub(super) const MIB: u64 = 1 << 20;
