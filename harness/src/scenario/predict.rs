//! The questions of a chapter, which are asked before its curve is shown.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::claim::Measure;
use super::names::{Flaw, Names, flaw, known};
use super::scenario::Scenario;
use super::text::{MeasureText, Name};

/// What a reader is asked to predict.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// The question. A size in braces stands for its value: `{array_mib}`.
    pub asks: String,
    /// Where the answer is found.
    pub answer: Answer,
    /// The id of the figure that shows the answer, where one does.
    pub figure: Option<String>,
    /// Why, in a sentence or two. `{answer}` stands for the answer, and sizes as in the question.
    pub because: String,
}

/// Where the answer to a question is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A number that one variant measures.
    Number {
        /// The name of the variant.
        variant: String,
        /// What is measured.
        measure: Measure,
    },
    /// The variant that measures the most.
    Most {
        /// The names of the variants.
        of: Vec<String>,
        /// What is measured.
        measure: Measure,
    },
    /// The variant that measures the least.
    Least {
        /// The names of the variants.
        of: Vec<String>,
        /// What is measured.
        measure: Measure,
    },
    /// How a variant ends.
    End {
        /// The name of the variant.
        variant: String,
    },
}

/// One block `[[predict]]`; the kind of its answer is told by the key that is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictText {
    pub(super) id: Name,
    asks: Name,
    number: Option<NumberText>,
    most: Option<ChoiceText>,
    least: Option<ChoiceText>,
    end: Option<EndText>,
    figure: Option<Name>,
    because: Name,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberText {
    variant: Name,
    measure: Spanned<MeasureText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceText {
    of: Spanned<Vec<Name>>,
    measure: Spanned<MeasureText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndText {
    variant: Name,
}

/// Checks a question of this scenario, whose names and figures are known.
pub(super) fn question(text: PredictText, names: &Names, scenario: &Scenario) -> Result<Question, Flaw> {
    let choice = |text: ChoiceText| {
        let (span, of) = (text.of.span(), text.of.into_inner());
        let of =
            of.iter().map(|name| known("variant", name, &names.variants)).collect::<Result<Vec<_>, _>>()?;
        if of.len() < 2 {
            return flaw(span, "a choice is one of two variants at least");
        }
        Ok((of, names.measure(&text.measure)?))
    };
    let answer = match (text.number, text.most, text.least, text.end) {
        (Some(number), None, None, None) => Answer::Number {
            variant: known("variant", &number.variant, &names.variants)?,
            measure: names.measure(&number.measure)?,
        },
        (None, Some(most), None, None) => choice(most).map(|(of, measure)| Answer::Most { of, measure })?,
        (None, None, Some(least), None) => {
            choice(least).map(|(of, measure)| Answer::Least { of, measure })?
        }
        (None, None, None, Some(end)) => {
            Answer::End { variant: known("variant", &end.variant, &names.variants)? }
        }
        _ => {
            return flaw(
                text.id.span(),
                "a question has one of number = { variant = NAME, measure = MEASURE }, \
                 most = { of = [NAMES], measure = MEASURE }, least = (the same), end = { variant = NAME }",
            );
        }
    };
    let figures: Vec<String> = scenario.figures.iter().map(|figure| figure.id.clone()).collect();
    let figure = text.figure.as_ref().map(|name| known("figure", name, &figures)).transpose()?;
    filled(&text.asks, &names.sizes)?;
    let known: Vec<String> = names.sizes.iter().cloned().chain(["answer".to_owned()]).collect();
    filled(&text.because, &known)?;
    Ok(Question {
        id: text.id.into_inner(),
        asks: text.asks.into_inner(),
        answer,
        figure,
        because: text.because.into_inner(),
    })
}

/// Checks that every pair of braces holds one of these names.
fn filled(text: &Name, names: &[String]) -> Result<(), Flaw> {
    for part in text.get_ref().split('{').skip(1) {
        let span: Range<usize> = text.span();
        let Some((name, _)) = part.split_once('}') else {
            return flaw(span, "a brace is opened and not closed");
        };
        known("size", &Spanned::new(span, name.to_owned()), names)?;
    }
    Ok(())
}
