//! How faithful the pool is to joblib: the behaviours that both were asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{Table, code, plain};
use crate::fragments::template::prose;

/// Where the test keeps the answers.
const RESULT: &str = "harness/pool/results/behaviours.json";

#[derive(Deserialize)]
struct Row {
    number: usize,
    says: String,
    test: String,
    not_asked: Option<String>,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    asks: String,
    ours: Value,
    theirs: BTreeMap<String, Value>,
    may_differ: Option<String>,
}

/// The figure in one sentence, and the table of all behaviours.
///
/// # Errors
///
/// When there are no answers that can be read, and what to type.
pub(super) fn fragments(root: &Path) -> Result<[(&'static str, String); 2]> {
    let remedy = || format!("{RESULT} (`cargo test --package labpool --test pool -- --reference` writes it)");
    let text = fs::read_to_string(root.join(RESULT)).with_context(remedy)?;
    let rows: Vec<Row> = serde_json::from_str(&text).with_context(remedy)?;
    let mut table =
        Table::new(&["", "Behaviour", "joblib's test", "Answers that agree", "Where not, and why"]);
    for row in &rows {
        table.row([
            row.number.to_string(),
            plain(&row.says),
            code(&row.test),
            row.agreement(),
            row.differences(),
        ]);
    }
    Ok([("faithful", summary(&rows)), ("behaviours", table.text)])
}

fn summary(rows: &[Row]) -> String {
    let asked: Vec<&Row> = rows.iter().filter(|row| row.not_asked.is_none()).collect();
    let questions = || asked.iter().flat_map(|row| &row.questions);
    format!(
        "{} of {} behaviours are joblib's in every answer, with both back ends; of {} answers {} are the same. {} of \
         the {} behaviours can't be asked of both.\n",
        asked.iter().filter(|row| row.same() == row.questions.len()).count(),
        asked.len(),
        questions().count(),
        questions().filter(|question| question.same()).count(),
        rows.len() - asked.len(),
        rows.len(),
    )
}

impl Row {
    fn same(&self) -> usize {
        self.questions.iter().filter(|question| question.same()).count()
    }

    fn agreement(&self) -> String {
        match self.not_asked {
            Some(_) => "not asked".to_owned(),
            None => format!("{} of {}", self.same(), self.questions.len()),
        }
    }

    fn differences(&self) -> String {
        let different = self.questions.iter().filter(|question| !question.same());
        let reasons: Vec<String> =
            self.not_asked.iter().map(|why| prose(why)).chain(different.map(Question::render)).collect();
        reasons.join("<br>")
    }
}

impl Question {
    fn same(&self) -> bool {
        self.theirs.values().all(|theirs| *theirs == self.ours)
    }

    fn render(&self) -> String {
        let theirs: Vec<String> = self
            .theirs
            .iter()
            .map(|(backend, answer)| format!("{backend}: {}", code(&answer.to_string())))
            .collect();
        let why = self.may_differ.as_deref().unwrap_or("nobody knows why");
        format!(
            "{}: {} here, {}. {}",
            prose(&self.asks),
            code(&self.ours.to_string()),
            theirs.join(", "),
            prose(why)
        )
    }
}
