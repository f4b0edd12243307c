//! A measure as scenario.toml states it: one number of a run.

use serde::Deserialize;
use toml::Spanned;

use super::amount::Quantity;
use super::flaw::{Flaw, flaw};
use super::names::{Name, Names, metric};
use crate::model::metric::{Metric, Unit, human};

/// The measured number of a run.
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
    /// The highest value of a metric between two marks, high-water marks included, less the value at the first one:
    /// momentary memory counts too.
    Rise {
        /// The metric.
        metric: &'static Metric,
        /// The metric that is taken if the record has no high-water marks of the other one.
        or: Option<&'static Metric>,
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
}

impl Measure {
    /// The metric that is measured, if the number is a level of one.
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
            | Measure::Rise { metric, .. }
            | Measure::Gain { metric, .. } => match metric.unit {
                Unit::Bytes => Quantity::Mib,
                Unit::Count => Quantity::Count,
                Unit::Microseconds => Quantity::Seconds,
            },
            Measure::Line { .. } => Quantity::Ratio,
        }
    }

    /// The measure in words, such as `peak of shared memory`.
    pub fn words(&self) -> String {
        match self {
            Measure::Fact(fact) => fact.replace('_', " "),
            Measure::Peak(metric) => format!("peak of {}", human(metric.name)),
            Measure::Least(metric) => format!("least {}", human(metric.name)),
            Measure::At { metric, mark } => format!("{} at '{mark}'", human(metric.name)),
            Measure::Rise { metric, or, from, to } => {
                let or = or.map(|or| format!(" or {}", human(or.name))).unwrap_or_default();
                let name = human(metric.name);
                format!("rise of {name}{or} from '{from}' to '{to}', for a moment or longer")
            }
            Measure::Change { metric, from, to }
            | Measure::Gain { metric, from, to }
            | Measure::Line { metric, from, to } => format!("{} from '{from}' to '{to}'", human(metric.name)),
        }
    }
}

/// One of the measures; the keys that are there say which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasureText {
    fact: Option<String>,
    peak: Option<Name>,
    least: Option<Name>,
    at: Option<Name>,
    mark: Option<Name>,
    change: Option<Name>,
    rise: Option<Name>,
    or: Option<Name>,
    gain: Option<Name>,
    line: Option<Name>,
    from: Option<Name>,
    to: Option<Name>,
}

impl MeasureText {
    pub(super) fn check(text: &Spanned<Self>, names: &Names) -> Result<Measure, Flaw> {
        let between = |name, from, to| {
            let metric = metric(name)?;
            names.span(from, to).map(|(from, to)| (metric, from, to))
        };
        let measure = text.get_ref();
        match (measure.keys(), measure) {
            (1, MeasureText { fact: Some(fact), .. }) => Ok(Measure::Fact(fact.clone())),
            (1, MeasureText { peak: Some(peak), .. }) => Ok(Measure::Peak(metric(peak)?)),
            (1, MeasureText { least: Some(least), .. }) => Ok(Measure::Least(metric(least)?)),
            (2, MeasureText { at: Some(at), mark: Some(mark), .. }) => {
                Ok(Measure::At { metric: metric(at)?, mark: names.mark(mark)? })
            }
            (3, MeasureText { change: Some(name), from: Some(from), to: Some(to), .. }) => {
                between(name, from, to).map(|(metric, from, to)| Measure::Change { metric, from, to })
            }
            (3, MeasureText { rise: Some(name), from: Some(from), to: Some(to), .. }) => {
                between(name, from, to).map(|(metric, from, to)| Measure::Rise { metric, or: None, from, to })
            }
            (4, MeasureText { rise: Some(name), or: Some(or), from: Some(from), to: Some(to), .. }) => {
                let (one, other) = (between(name, from, to)?, metric(or)?);
                if one.0.unit != other.unit {
                    return flaw(
                        or.span(),
                        format!("{} and {} have different units", one.0.name, other.name),
                    );
                }
                Ok(Measure::Rise { metric: one.0, or: Some(other), from: one.1, to: one.2 })
            }
            (3, MeasureText { gain: Some(name), from: Some(from), to: Some(to), .. }) => {
                between(name, from, to).map(|(metric, from, to)| Measure::Gain { metric, from, to })
            }
            (3, MeasureText { line: Some(name), from: Some(from), to: Some(to), .. }) => {
                between(name, from, to).map(|(metric, from, to)| Measure::Line { metric, from, to })
            }
            _ => flaw(
                text.span(),
                "a measure is one of { fact = NAME }, { peak = METRIC }, { least = METRIC }, \
                 { at = METRIC, mark = MARK }, { change = METRIC, from = MARK, to = MARK }, \
                 { rise = METRIC, from = MARK, to = MARK }, { rise = METRIC, or = METRIC, from = MARK, to = MARK }, \
                 { gain = METRIC, from = MARK, to = MARK }, { line = METRIC, from = MARK, to = MARK }",
            ),
        }
    }

    /// How many keys are there.
    fn keys(&self) -> usize {
        let MeasureText { fact, peak, least, at, mark, change, rise, or, gain, line, from, to } = self;
        let names = [peak, least, at, mark, change, rise, or, gain, line, from, to];
        usize::from(fact.is_some()) + names.into_iter().filter(|name| name.is_some()).count()
    }
}
