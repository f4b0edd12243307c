//! The questions of a chapter as forms, which work without a script too.

use anyhow::{Result, anyhow};
use lab::learn::predict::{Truth, answer};
use lab::scenario::{Answer, Quantity, Question};
use serde::Serialize;
use tera::Context;

use super::template;
use crate::workbook::Lesson;

#[derive(Serialize)]
struct Form {
    id: String,
    figure: Option<String>,
    /// As HTML, like `because`.
    asks: String,
    /// What a number is given in.
    unit: &'static str,
    /// What there is to choose among; nothing if a number is asked for.
    among: Vec<(String, String)>,
    because: String,
    json: String,
}

/// For scripts: what the right answer is.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Data<'a> {
    Number {
        unit: &'static str,
        /// How many of the unit a guess of one is.
        factor: f64,
        metric: Option<&'static str>,
        answer: f64,
        text: String,
    },
    Choice {
        answer: &'a str,
        text: String,
    },
}

/// All questions of a scenario, each as a form, as one block.
pub(super) fn forms(lesson: &Lesson) -> Result<String> {
    let forms = lesson.scenario.questions.iter().map(|question| form(lesson, question));
    let mut context = Context::new();
    context.insert("questions", &forms.collect::<Result<Vec<_>>>()?);
    template::block("predict.html", &context)
}

fn form(lesson: &Lesson, question: &Question) -> Result<Form> {
    let slug = &lesson.scenario.slug;
    let prediction = answer(question, &lesson.records)
        .map_err(|why| anyhow!("the question {} of {slug}: {why}", question.id))?;
    let text = prediction.truth.to_string();
    let (unit, among, data) = match &prediction.truth {
        Truth::Number { value, quantity } => {
            let (asked, unit, factor) = match quantity {
                Quantity::Mib => ("MiB", "bytes", f64::from(1 << 20)),
                Quantity::Seconds => ("seconds", "microseconds", 1e6),
                Quantity::Count | Quantity::Ratio => ("", "count", 1.0),
            };
            let data = Data::Number {
                unit,
                factor,
                metric: metric(&question.answer),
                answer: value * factor,
                text: text.clone(),
            };
            (asked, Vec::new(), data)
        }
        Truth::Choice { among, right } => {
            ("", among.clone(), Data::Choice { answer: right, text: text.clone() })
        }
    };
    Ok(Form {
        id: format!("{slug}/{}", question.id),
        figure: question.figure.as_ref().map(|figure| format!("{slug}/{figure}")),
        asks: template::html(&prediction.asks),
        unit,
        among,
        json: template::json(&data)?,
        because: match question.because.contains("{answer}") {
            true => template::html(&prediction.because),
            false => template::html(&format!("{text} {}", prediction.because)),
        },
    })
}

/// The metric on whose axis the answer is a place.
fn metric(answer: &Answer) -> Option<&'static str> {
    let Answer::Number { measure, .. } = answer else { return None };
    measure.metric().map(|metric| metric.name)
}
