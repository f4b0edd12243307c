//! A claim as scenario.toml states it: what is measured, and what it must be.

use std::collections::BTreeMap;

use super::amount::{Amount, Quantity};
use crate::model::metric::{Metric, Unit};

/// The claim that every run makes without saying so: it ends as its variant is expected to end.
pub const ENDS: &str = "ends";

/// The claim that every run that ended well makes without saying so: it did the same work as the others.
pub const WORK: &str = "work";

/// One expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// What it says, as a sentence.
    pub says: String,
    /// What is measured.
    pub measure: Measure,
    /// What the post reports, by variant.
    pub post: BTreeMap<String, String>,
    /// What the measure must be, by variant. A variant that is not here is not judged.
    pub bounds: BTreeMap<String, Bound>,
}

/// What is measured of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// A count that the program stated.
    Fact(String),
    /// The highest value of a metric.
    Peak(&'static Metric),
    /// The lowest sample of a metric.
    Least(&'static Metric),
    /// The value of a metric at a mark.
    At {
        /// The metric.
        metric: &'static Metric,
        /// The mark.
        mark: String,
    },
    /// The highest value of a metric between two marks less the lowest one.
    Change {
        /// The metric.
        metric: &'static Metric,
        /// The mark where it begins.
        from: String,
        /// The mark where it ends.
        to: String,
    },
    /// The value of a metric at a later mark less the value at an earlier one.
    Gain {
        /// The metric.
        metric: &'static Metric,
        /// The mark where it begins.
        from: String,
        /// The mark where it ends.
        to: String,
    },
    /// How well a straight line over the tasks done fits a metric between two marks: r squared.
    Line {
        /// The metric.
        metric: &'static Metric,
        /// The mark where it begins.
        from: String,
        /// The mark where it ends.
        to: String,
    },
    /// How long the phase that this mark begins lasts.
    Seconds(String),
    /// How many times as long as another phase a phase lasts.
    SecondsOver {
        /// The mark that begins the phase.
        mark: String,
        /// The mark that begins the phase it is compared with.
        over: String,
    },
}

/// What a measure must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// On which side of the number.
    pub relation: Relation,
    /// The number.
    pub against: Against,
}

/// How a measure must stand to a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Relation {
    /// As large, or larger.
    AtLeast,
    /// As large, or smaller.
    AtMost,
    /// As large, to the last bit.
    Exactly,
    /// As large, give or take this share of the number.
    About {
        /// The share, such as 0.02.
        within: f64,
    },
}

/// The number that a measure is held against.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// A number times sizes.
    Sizes(Amount),
    /// A number times the same measure of another variant, run with the same sizes and seed.
    Variant {
        /// The number.
        factor: f64,
        /// The name of the other variant.
        name: String,
    },
}

impl Measure {
    /// The metric that is measured, where the number is a level of one.
    pub fn metric(&self) -> Option<&'static Metric> {
        match self {
            Measure::Peak(metric) | Measure::Least(metric) | Measure::At { metric, .. } => Some(metric),
            _ => None,
        }
    }

    /// What the measured number stands for.
    pub fn quantity(&self) -> Quantity {
        match self {
            Measure::Fact(_) => Quantity::Count,
            Measure::Peak(metric)
            | Measure::Least(metric)
            | Measure::At { metric, .. }
            | Measure::Change { metric, .. }
            | Measure::Gain { metric, .. } => match metric.unit {
                Unit::Bytes => Quantity::Mib,
                Unit::Count => Quantity::Count,
                Unit::Microseconds => Quantity::Seconds,
            },
            Measure::Line { .. } | Measure::SecondsOver { .. } => Quantity::Ratio,
            Measure::Seconds(_) => Quantity::Seconds,
        }
    }
}
