//! Handouts: each scenario on one sheet of paper, out of its chapter and its records.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use lab::chart::amount;
use lab::learn::costs::costs;
use lab::model::metric::Unit;

use super::lesson;
use super::numbers::number;
use super::template::markdown;
use crate::workbook::{Lesson, Workbook};

/// All handouts, one after the other.
///
/// # Errors
///
/// Names the chapter that can not be read, or lacks a part that is needed.
pub(super) fn all(workbook: &Workbook) -> Result<String> {
    workbook.lessons.iter().map(|lesson| sheet(&workbook.root, lesson)).collect()
}

/// What begins an include of a number in a chapter.
const INCLUDE: &str = "{{#include results/numbers.txt:";

/// One sheet: what is seen, with which tools, why, and the ways out.
fn sheet(root: &Path, lesson: &Lesson) -> Result<String> {
    let scenario = &lesson.scenario;
    let path = scenario.folder.join(&scenario.chapter);
    let chapter = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let part = |heading: &str| {
        section(&chapter, heading).with_context(|| format!("{}: no '{heading}'", path.display()))
    };
    let told = |text: &str| filled(lesson, &without_blocks(text)).with_context(|| path.display().to_string());
    let (slug, number, title) = (&scenario.slug, scenario.number, markdown(&scenario.title));
    let sees = told(part("What you see")?)?;
    let difference = told(part("The difference")?)?;
    let evidence = commands(part("The evidence")?);
    let changed = changed(&lesson::diff(root, lesson)?);
    Ok(format!(
        "<section class=\"lab-handout\">\n\n## {number}. {title}\n\n**Symptom.** {sees}\n\n**Evidence.** In the \
         workbook: `make scenario-{number}`. By hand, after `cargo build --release -p {slug}`:\n\n```console\n{evidence}```\n\n\
         **Cause.** {}\n\n```diff\n{changed}```\n\n{difference}\n\n**Fixes and prices.**\n\n{}\n</section>\n\n",
        markdown(&scenario.lesson),
        ways(lesson)
    ))
}

/// The text below a heading, up to the next one.
fn section<'a>(chapter: &'a str, heading: &str) -> Option<&'a str> {
    let (_, after) = chapter.split_once(&format!("\n## {heading}\n"))?;
    Some(after.split_once("\n## ").map_or(after, |(section, _)| section))
}

/// The first paragraphs without figures, code and links: a sheet of paper leads nowhere.
fn without_blocks(section: &str) -> String {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in section.trim().lines() {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        let is_figure = line.starts_with("{{#include results/figures/");
        if !is_code && !is_fence && !is_figure {
            lines.push(without_links(line));
        }
    }
    lines.join("\n").trim().to_owned()
}

/// A line with the words of its links alone.
fn without_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        let (begin, words) = before.rsplit_once('[').unwrap_or((before, ""));
        text.push_str(begin);
        text.push_str(words);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    text + rest
}

/// The text with each number in the place of its include.
fn filled(lesson: &Lesson, text: &str) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(INCLUDE) {
        let (name, after) = after.split_once("}}").context("an include without an end")?;
        filled.push_str(before);
        filled.push_str(&number(lesson, name).map_err(|why| anyhow!("{name}: {why}"))?);
        rest = after;
    }
    Ok(filled + rest)
}

/// The commands of a section, as they are typed.
fn commands(section: &str) -> String {
    let blocks = section.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.collect()
}

/// The lines that come and go, with the comments that name them.
fn changed(diff: &str) -> String {
    let header = |line: &&str| line.starts_with("---") || line.starts_with("+++");
    let lines = diff.lines().skip_while(header).filter(|line| line.starts_with(['+', '-']));
    lines.flat_map(|line| [line, "\n"]).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_loses_its_code_and_figures_and_its_links_their_targets() {
        let chapter = "# A\n\n## One\n\nSee [this](x) and [that](y).\n\n```console\n$ free -m\n```\n\n\
                       {{#include results/figures/curve.html}}\n\nText.\n\n## Two\n";
        let one = section(chapter, "One").unwrap();
        assert_eq!(without_blocks(one), "See this and that.\n\n\n\nText.");
        assert_eq!(commands(one), "$ free -m\n");
        assert_eq!(section(chapter, "Three"), None);
    }
}
