//! Tables over all scenarios, in Markdown, for the general chapters.

use std::path::Path;

use lab::catalog::{Kind, Scenario};
use lab::chart::amount;
use lab::metric;
use lab::record::Record;

use super::Fragments;
use super::template::markdown;
use crate::workbook::{Lesson, Workbook};

/// Every table, by its path.
pub(super) fn all(workbook: &Workbook) -> Fragments {
    let tables = [("prices", prices(workbook)), ("post", post(workbook)), ("minutes", minutes(workbook))];
    let path = |name: &str| Path::new("book/src/made").join(format!("{name}.md"));
    tables.map(|(name, text)| (path(name), text)).into()
}

/// What every variant does and takes, beside the scenario's first broken one.
fn prices(workbook: &Workbook) -> String {
    let mut table = Table::new(&[
        "Scenario",
        "Variant",
        "What it does",
        "How it ends",
        "Memory",
        "beside broken",
        "Shared memory",
        "Processor time",
    ]);
    for lesson in &workbook.lessons {
        let variants = &lesson.scenario.variants;
        let broken = variants.iter().find(|variant| variant.kind == Kind::Broken);
        let broken = broken.and_then(|variant| lesson.record(&variant.name)?.peak("cgroup"));
        for variant in variants {
            let Some(record) = lesson.record(&variant.name) else { continue };
            let share = record.peak("cgroup").zip(broken).map(|(peak, broken)| peak as f64 / broken as f64);
            table.row(&[
                link(&lesson.scenario),
                markdown(&variant.name),
                markdown(&variant.title),
                markdown(record.outcome().to_string()),
                peak(record, "cgroup"),
                share.map_or_else(|| "not measured".into(), |share| format!("{:.0} %", 100.0 * share)),
                peak(record, "tmpfs"),
                peak(record, "cpu"),
            ]);
        }
    }
    table.text
}

/// What the post reports, beside what was measured here.
fn post(workbook: &Workbook) -> String {
    let mut table = Table::new(&["Scenario", "Claim", "Variant", "The post", "Measured here"]);
    for Lesson { scenario, verdicts, .. } in &workbook.lessons {
        for verdict in verdicts {
            let Some(post) = &verdict.post else { continue };
            let [says, variant, post, measured] =
                [&verdict.says, &verdict.variant, post, &verdict.measured_text].map(markdown);
            table.row(&[link(scenario), says, variant, post, measured]);
        }
    }
    table.text
}

/// How long each scenario takes in a workshop.
fn minutes(workbook: &Workbook) -> String {
    let mut table = Table::new(&["Scenario", "Teach", "Do", "Debrief", "Together"]);
    let mut sums = [0; 4];
    for Lesson { scenario, .. } in &workbook.lessons {
        let minutes = scenario.minutes;
        let parts = [minutes.teach, minutes.exercise, minutes.debrief];
        let parts = [parts[0], parts[1], parts[2], parts.iter().sum()];
        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        let [teach, exercise, debrief, sum] = parts.map(|part| part.to_string());
        table.row(&[link(scenario), teach, exercise, debrief, sum]);
    }
    let [teach, exercise, debrief, sum] = sums.map(|sum| sum.to_string());
    table.row(&["All".into(), teach, exercise, debrief, sum]);
    table.text
}

/// A table that grows.
struct Table {
    text: String,
}

impl Table {
    fn new(heads: &[&str]) -> Self {
        let line = "|---".repeat(heads.len());
        Table { text: format!("| {} |\n{line}|\n", heads.join(" | ")) }
    }

    /// Adds a line, whose cells are Markdown.
    fn row(&mut self, cells: &[String]) {
        self.text += &format!("| {} |\n", cells.join(" | "));
    }
}

/// A link from a general chapter to the chapter of a scenario.
fn link(scenario: &Scenario) -> String {
    format!("[{}](scenarios/{}/chapter.md)", markdown(&scenario.title), scenario.slug)
}

/// The peak of a metric, with its unit.
fn peak(record: &Record, name: &str) -> String {
    let peak = record.peak(name).zip(metric::find(name));
    peak.map_or_else(|| "not measured".into(), |(peak, metric)| amount(metric.unit, peak))
}
