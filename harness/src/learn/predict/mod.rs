//! The right answers to a chapter's questions: questions x records -> answers.
//!
//! No answer is ever written down. It's read from the records, so it stays right when they're recorded again.

use std::collections::BTreeMap;

use crate::judge;
use crate::model::record::Record;
use crate::scenario::{Answer, Ends, Quantity, Question, Scenario};

/// A question with its answer, as the records have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The question, with the sizes put in.
    pub asks: String,
    /// The right answer.
    pub truth: Truth,
    /// Why, with the answer and the sizes put in.
    pub because: String,
}

/// A right answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// A number.
    Number {
        /// In the unit of the quantity.
        value: f64,
        /// What it stands for.
        quantity: Quantity,
    },
    /// One of several.
    Choice {
        /// The words to choose among, each with a value for programs.
        among: Vec<(String, String)>,
        /// The value of the right one.
        right: String,
    },
}

/// How a run can end, in plain words.
const ENDS: [(Ends, &str, &str); 6] = [
    (Ends::Success, "well", "It does its work and ends."),
    (Ends::Enospc, "enospc", "It gets the error that no space is left on a device."),
    (Ends::Sigbus, "sigbus", "A signal kills it when it touches its memory."),
    (Ends::Oom, "oom", "The kernel kills it, because its memory is used up."),
    (Ends::Hang, "hang", "It waits forever."),
    (Ends::Failed, "failed", "It gets another error."),
];

/// Answers a question from the records of one run of the scenario.
///
/// # Errors
///
/// Says which record is missing, or what it lacks.
pub fn answer(question: &Question, records: &[Record]) -> Result<Prediction, String> {
    let record = |variant: &str| {
        let of = records.iter().find(|record| record.header.variant == variant);
        of.ok_or_else(|| format!("there is no record of {variant}"))
    };
    let (truth, asked) = match &question.answer {
        Answer::Number { variant, measure } => {
            let record = record(variant)?;
            let value = judge::measured(measure, record)?;
            (Truth::Number { value, quantity: measure.quantity() }, record)
        }
        Answer::End { variant } => {
            let record = record(variant)?;
            let end = judge::end_of(&record.outcome());
            let (_, right, _) = ENDS
                .into_iter()
                .find(|(ends, ..)| Some(*ends) == end)
                .ok_or_else(|| format!("{variant} ended as no variant should: {}", record.outcome()))?;
            let among = ends();
            (Truth::Choice { among, right: right.to_owned() }, record)
        }
        Answer::Most { of, measure } | Answer::Least { of, measure } => {
            let mut values = Vec::new();
            for variant in of {
                values.push((judge::measured(measure, record(variant)?)?, variant));
            }
            values.sort_by(|one, other| one.0.total_cmp(&other.0));
            if matches!(question.answer, Answer::Most { .. }) {
                values.reverse();
            }
            if values[0].0 == values[1].0 {
                let (one, other) = (values[0].1, values[1].1);
                return Err(format!("{one} and {other} measure the same, so neither is the answer"));
            }
            let titled =
                |name: &String| record(name).map(|record| (name.clone(), named(name, &record.header.title)));
            let among = of.iter().map(titled).collect::<Result<_, _>>()?;
            (Truth::Choice { among, right: values[0].1.clone() }, record(values[0].1)?)
        }
    };
    let sizes = &asked.header.sizes;
    let because = filled(&question.because, sizes).replace("{answer}", &truth.to_string());
    Ok(Prediction { asks: filled(&question.asks, sizes), truth, because })
}

/// What a question lets one choose among, each with a value for programs; none if it asks for a number.
pub(crate) fn choices(question: &Question, scenario: &Scenario) -> Vec<(String, String)> {
    match &question.answer {
        Answer::Number { .. } => Vec::new(),
        Answer::End { .. } => ends(),
        Answer::Most { of, .. } | Answer::Least { of, .. } => {
            let of = of.iter().filter_map(|name| scenario.variant(name).ok());
            of.map(|variant| (variant.name.clone(), named(&variant.name, &variant.title))).collect()
        }
    }
}

/// The variants that must be run to answer a question.
pub(crate) fn variants(question: &Question) -> &[String] {
    match &question.answer {
        Answer::Number { variant, .. } | Answer::End { variant } => std::slice::from_ref(variant),
        Answer::Most { of, .. } | Answer::Least { of, .. } => of,
    }
}

/// Every way to end, with its value for programs.
fn ends() -> Vec<(String, String)> {
    ENDS.map(|(_, value, words)| (value.to_owned(), words.to_owned())).into()
}

impl std::fmt::Display for Truth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Truth::Number { value, quantity } => f.write_str(&quantity.print(*value)),
            Truth::Choice { among, right } => {
                let words = among.iter().find(|(value, _)| value == right).map(|(_, words)| words);
                f.write_str(words.unwrap_or(right))
            }
        }
    }
}

/// A variant by its name and what it does.
fn named(variant: &str, title: &str) -> String {
    format!("{variant}: {title}")
}

/// The text with each size instead of its name in braces.
pub(crate) fn filled(text: &str, sizes: &BTreeMap<String, u64>) -> String {
    sizes.iter().fold(text.to_owned(), |text, (name, size)| {
        text.replace(&format!("{{{name}}}"), &size_text(name, *size))
    })
}

/// A size with the unit that its name ends with, such as `32 MiB`.
pub fn size_text(name: &str, size: u64) -> String {
    match name {
        _ if name.ends_with("_mib") => format!("{size} MiB"),
        _ if name.ends_with("_kib") => format!("{size} KiB"),
        _ => size.to_string(),
    }
}

#[cfg(test)]
mod tests;
