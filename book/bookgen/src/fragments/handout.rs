//! Handouts: each scenario on one sheet of paper, out of its chapter and its records.

use anyhow::{Context, Result, anyhow};
use lab::chart::amount;
use lab::learn::costs::costs;
use lab::model::metric::Unit;

use super::lesson::Pair;
use super::markdown::{code, section, without_code_and_links};
use super::numbers::number;
use super::template::markdown;
use crate::includes;
use crate::workbook::{Lesson, Workbook};

/// All handouts, one after the other.
///
/// # Errors
///
/// Names the chapter that is missing, or lacks a part that is needed.
pub(super) fn all(workbook: &Workbook) -> Result<String> {
    workbook.lessons.iter().map(|lesson| sheet(workbook, lesson)).collect()
}

/// One sheet: what is seen, with which tools, why, and the ways out.
fn sheet(workbook: &Workbook, lesson: &Lesson) -> Result<String> {
    let scenario = &lesson.scenario;
    let (slug, number, title) = (&scenario.slug, scenario.number, markdown(&scenario.title));
    let chapter = &workbook.chapter(scenario)?.content;
    let part = |heading: &str| section(chapter, heading).with_context(|| format!("{slug}: no '{heading}'"));
    let sees = for_paper(lesson, part("What you see")?)?;
    let difference = for_paper(lesson, part("The difference")?)?;
    let evidence = code(part("The evidence")?, "console");
    let changed = Pair::of(&workbook.root, lesson)?.changed();
    Ok(format!(
        "<section class=\"lab-handout\">\n\n## {number}. {title}\n\n**Symptom.** {sees}\n\n**Evidence.** In the \
         workbook: `make scenario-{number}`. By hand, after `cargo build --release -p {slug}`:\n\n```console\n{evidence}```\n\n\
         **Cause.** {}\n\n```diff\n{changed}```\n\n{difference}\n\n**Fixes and prices.**\n\n{}\n</section>\n\n",
        markdown(&scenario.lesson),
        ways(lesson)
    ))
}

/// The sentences of a section with their numbers: a sheet of paper has no room for figures, and leads
/// nowhere.
fn for_paper(lesson: &Lesson, section: &str) -> Result<String> {
    let text = |path: &str, name: Option<&str>| match name {
        Some(name) if path == "results/numbers.txt" => {
            number(lesson, name).map_err(|why| anyhow!("{}: {name}: {why}", lesson.scenario.slug))
        }
        _ => Ok(String::new()),
    };
    Ok(includes::replace(&without_code_and_links(section), text)?.trim().to_owned())
}

/// The ways out, each with its peak and its price.
fn ways(lesson: &Lesson) -> String {
    let mut table = String::from("| Way out | Memory at the peak | Price |\n|---|--:|---|\n");
    for (name, says) in costs(&lesson.scenario) {
        let peak = lesson.record(name).and_then(|record| record.peak("cgroup"));
        let peak = peak.map_or_else(String::new, |peak| amount(Unit::Bytes, peak));
        table.push_str(&format!("| `{name}` | {peak} | {} |\n", markdown(says)));
    }
    table
}
