//! The questions of a chapter, asked before its curve is shown.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::figure::Drawing;
use super::flaw::{Flaw, flaw};
use super::measure::{Measure, MeasureText};
use super::names::{Name, Names, known};

/// What a reader is asked to predict.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// The question. A size in braces stands for its value: `{array_mib}`.
    pub(crate) asks: String,
    /// Where the answer is found.
    pub answer: Answer,
    /// The id of the figure that shows the answer, if one does.
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
        /// The measure.
        measure: Measure,
    },
    /// The variant that measures the most.
    Most {
        /// The names of the variants.
        of: Vec<String>,
        /// The measure.
        measure: Measure,
    },
    /// The variant that measures the least.
    Least {
        /// The names of the variants.
        of: Vec<String>,
        /// The measure.
        measure: Measure,
    },
    /// How a variant ends.
    End {
        /// The name of the variant.
        variant: String,
    },
}

/// One block `[[predict]]`; the key that is there says what kind of answer it has.
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

impl PredictText {
    /// Checks a question of the scenario that has these names and figures.
    pub(super) fn check(self, names: &Names, figures: &[Drawing]) -> Result<Question, Flaw> {
        let answer = match (self.number, self.most, self.least, self.end) {
            (Some(number), None, None, None) => Answer::Number {
                variant: names.variant(&number.variant)?,
                measure: MeasureText::check(&number.measure, names)?,
            },
            (None, Some(most), None, None) => {
                most.check(names).map(|(of, measure)| Answer::Most { of, measure })?
            }
            (None, None, Some(least), None) => {
                least.check(names).map(|(of, measure)| Answer::Least { of, measure })?
            }
            (None, None, None, Some(end)) => Answer::End { variant: names.variant(&end.variant)? },
            _ => {
                return flaw(
                    self.id.span(),
                    "a question has one of number = { variant = NAME, measure = MEASURE }, \
                     most = { of = [NAMES], measure = MEASURE }, least = (the same), end = { variant = NAME }",
                );
            }
        };
        let figures: Vec<String> = figures.iter().map(|figure| figure.id.clone()).collect();
        let figure = self.figure.as_ref().map(|name| known("figure", name, &figures)).transpose()?;
        filled(&self.asks, &names.sizes)?;
        let known: Vec<String> = names.sizes.iter().cloned().chain(["answer".to_owned()]).collect();
        filled(&self.because, &known)?;
        let (id, asks, because) = (self.id.into_inner(), self.asks.into_inner(), self.because.into_inner());
        Ok(Question { id, asks, answer, figure, because })
    }
}

impl ChoiceText {
    fn check(self, names: &Names) -> Result<(Vec<String>, Measure), Flaw> {
        let of: Vec<String> =
            self.of.get_ref().iter().map(|name| names.variant(name)).collect::<Result<_, _>>()?;
        if of.len() < 2 {
            return flaw(self.of.span(), "a choice is one of two variants at least");
        }
        Ok((of, MeasureText::check(&self.measure, names)?))
    }
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
