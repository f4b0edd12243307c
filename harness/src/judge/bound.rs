//! The required value of a measure, and the comparison.

use super::end::End;
use super::measure::{self, Missing};
use super::run::Run;
use crate::model::verdict::Status;
use crate::scenario::{Against, Bound, Measure, Relation, factor};

/// A bound with its numbers put in.
pub(super) struct Limit {
    /// The number, in the unit of the measure, or why there is none.
    pub(super) number: Result<f64, String>,
    /// The bound as arithmetic, such as `at least 640 MiB = 32 MiB array x 20 repeats`.
    pub(super) text: String,
}

impl Limit {
    /// Puts the sizes of the run, or what the other variant measured, into the bound.
    pub(super) fn of(bound: &Bound, measure: &Measure, run: &Run<'_>, runs: &[Run<'_>]) -> Self {
        let quantity = measure.quantity();
        let (number, arithmetic) = match &bound.against {
            Against::Sizes(amount) => {
                let sizes = &run.record.header.sizes;
                let number = match amount.lacks(sizes) {
                    Some(name) => Err(format!("the record has no size '{name}': it is of another version")),
                    None => Ok(amount.value(sizes, quantity)),
                };
                (number, amount.arithmetic(sizes, quantity))
            }
            Against::Variant { factor: times, name } => {
                let other = other(name, measure, run, runs);
                let times_text = factor(*times);
                let text = match &other {
                    Ok(value) => format!("{times_text}x of {name} ({})", quantity.print(*value)),
                    Err(_) => format!("{times_text}x of {name}"),
                };
                (other.and_then(|value| multiple(*times, value, name)), text)
            }
        };
        Limit { number, text: spoken(bound.relation, &arithmetic) }
    }

    /// Whether the measured value is within the bound. A number that isn't finite never is.
    pub(super) fn status(&self, relation: Relation, value: f64) -> Status {
        match &self.number {
            Err(why) => Status::Unknown(why.clone()),
            Ok(number) if is_within(relation, value, *number) => Status::Holds,
            Ok(_) => Status::Fails,
        }
    }
}

fn is_within(relation: Relation, value: f64, number: f64) -> bool {
    value.is_finite()
        && number.is_finite()
        && match relation {
            Relation::AtLeast => value >= number,
            Relation::AtMost => value <= number,
            Relation::Exactly => value == number,
            Relation::About { within } => (value - number).abs() <= within * number.abs(),
        }
}

/// What the other variant measured in a run with the same sizes and seed.
fn other(name: &str, measure: &Measure, run: &Run<'_>, runs: &[Run<'_>]) -> Result<f64, String> {
    let other = runs
        .iter()
        .find(|other| other.variant.name == name && other.same_input(run))
        .ok_or_else(|| format!("{name} wasn't run with the same sizes and seed"))?;
    if !matches!(other.end(), End::AsExpected) {
        return Err(format!("{name} didn't end as expected, so nothing can be compared with it"));
    }
    match measure::measure(measure, other.record) {
        Ok(seen) => Ok(seen.value),
        Err(Missing::Undone(why) | Missing::Unseen(why)) => Err(format!("{name} has no number: {why}")),
    }
}

/// A multiple of what another variant measured. Nothing is a multiple of zero.
fn multiple(times: f64, value: f64, name: &str) -> Result<f64, String> {
    if value.is_finite() && value != 0.0 {
        Ok(times * value)
    } else {
        Err(format!("{name} measured {value}, and there are no multiples of that"))
    }
}

fn spoken(relation: Relation, arithmetic: &str) -> String {
    match relation {
        Relation::AtLeast => format!("at least {arithmetic}"),
        Relation::AtMost => format!("at most {arithmetic}"),
        Relation::Exactly => format!("exactly {arithmetic}"),
        Relation::About { within } => {
            format!("{arithmetic}, give or take {} %", factor(100.0 * within).trim_end_matches(".00"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_finite_number_is_within_no_bound() {
        for relation in
            [Relation::AtLeast, Relation::AtMost, Relation::Exactly, Relation::About { within: 1.0 }]
        {
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert!(!is_within(relation, odd, 1.0), "{odd} {relation:?} 1");
                assert!(!is_within(relation, 1.0, odd), "1 {relation:?} {odd}");
                assert!(!is_within(relation, odd, odd), "{odd} {relation:?} {odd}");
            }
        }
    }
}
