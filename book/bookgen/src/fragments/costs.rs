//! What the variants of a scenario cost, in Markdown: what each does, what that takes, and what it costs
//! besides.

use lab::judge::measured;
use lab::model::outcome::Outcome;
use lab::model::record::Record;
use lab::scenario::{Cost, Costs};

use super::numbers;
use super::template::markdown;
use crate::workbook::Lesson;

/// A row for each variant whose costs scenario.toml states.
pub(super) fn table(lesson: &Lesson) -> String {
    let columns = &lesson.scenario.costs;
    let titles: String = columns.iter().map(|column| format!(" {} |", markdown(&column.title))).collect();
    let mut text = format!("| Variant | What it does |{titles} What it costs |\n");
    text.push_str(&format!("|---|---|{}---|\n", "--:|".repeat(columns.len())));
    for variant in &lesson.scenario.variants {
        let Some(Costs { does, costs }) = &variant.costs else { continue };
        let taken = lesson.record(&variant.name).map(|record| taken(columns, record));
        let numbers: String = taken.unwrap_or_default().iter().map(|number| format!(" {number} |")).collect();
        text.push_str(&format!("| `{}` | {does} |{numbers} {costs} |\n", variant.name));
    }
    text
}

/// What a run took, for each column. A run that was cut short has its end in the last one: what it took
/// until then compares with nothing.
fn taken(columns: &[Cost], record: &Record) -> Vec<String> {
    let number = |column: &Cost| {
        let number = measured(&column.measure, record).ok();
        number.map_or_else(String::new, |number| numbers::scaled(column.measure.quantity(), number))
    };
    let mut numbers: Vec<String> = columns.iter().map(number).collect();
    let outcome = record.outcome();
    let is_cut_short = !outcome.is_success() && outcome != Outcome::TimedOut;
    if let (true, Some(last)) = (is_cut_short, numbers.last_mut()) {
        *last = format!("*{}*", markdown(outcome.to_string()));
    }
    numbers
}
