//! The chapters: the same headings everywhere, and no measured number.

use std::path::PathBuf;

use lab::learn::costs::costs;
use lab::scenario::{Answer, Measure};
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::{catalog, read};

/// The headings of every chapter, in order.
const HEADINGS: [&str; 9] = [
    "What you see",
    "Predict",
    "The difference",
    "Why",
    "The evidence",
    "The claims",
    "The price of each fix",
    "Try it",
    "In Python",
];

#[test]
fn every_scenario_states_the_costs_of_its_fixes_and_its_chapter_shows_them() {
    const TABLE: &str = "{{#include results/costs.md}}";
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        assert!(
            costs(scenario).len() >= 2,
            "{slug} has nothing that `lab check` can show to a learner who has solved its exercise: add [[cost]], \
             and 'does' and 'costs' to each fix, in its scenario.toml"
        );
        let chapter = read(&scenario.folder.join(&scenario.chapter));
        assert!(
            chapter.contains(TABLE),
            "the chapter of {slug} has no {TABLE} below \"The price of each fix\""
        );
    }
}

#[test]
fn every_chapter_has_the_same_headings_in_the_same_order() {
    for (path, text) in chapters() {
        assert_eq!(
            headings(&text),
            HEADINGS,
            "{} (left) must have the headings on the right",
            path.display()
        );
    }
}

#[test]
fn no_chapter_holds_a_measured_number() {
    const UNITS: [&str; 10] = ["KiB", "MiB", "KiB/s", "MiB/s", "GiB/s", "us", "ms", "s", "seconds", "%"];
    for (path, text) in chapters() {
        let prose = prose(&text);
        let words: Vec<&str> =
            prose.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';', ':', ')'])).collect();
        for pair in words.windows(2) {
            assert!(
                !(pair[0].ends_with(|c: char| c.is_ascii_digit()) && UNITS.contains(&pair[1])),
                "{} says `{} {}`. What was measured is included from results/; a constant of a program \
                 stands in backticks",
                path.display(),
                pair[0],
                pair[1]
            );
        }
    }
}

#[test]
fn no_chapter_gives_an_answer_before_it_asks() {
    for scenario in catalog().scenarios() {
        let chapter = read(&scenario.folder.join(&scenario.chapter));
        let (before, _) = chapter.split_once("## Predict").expect("every chapter asks");
        for question in &scenario.questions {
            let number = match &question.answer {
                Answer::Number { variant, measure: Measure::Fact(fact) } => {
                    format!("{variant}__fact__{fact}")
                }
                Answer::Number { variant, measure: Measure::Peak(metric) } => {
                    format!("{variant}__peak__{}", metric.name)
                }
                Answer::Number { variant, measure: Measure::At { metric, mark } } => {
                    format!("{variant}__at__{}__{}", metric.name, mark.replace(' ', "-"))
                }
                Answer::End { variant } => format!("{variant}__end"),
                _ => continue,
            };
            assert!(
                !before.contains(&format!(":{number}}}}}")),
                "the chapter of {} includes {number}, the answer of its question {}, before it asks. Say it below the \
                 figure, where it's veiled until the reader has guessed",
                scenario.slug,
                question.id
            );
        }
    }
}

/// The chapter of every scenario.
fn chapters() -> Vec<(PathBuf, String)> {
    let catalog = catalog();
    let paths = catalog.scenarios().iter().map(|scenario| scenario.folder.join(&scenario.chapter));
    paths.map(|path| (path.clone(), read(&path))).collect()
}

/// The text of each heading of the second level.
fn headings(text: &str) -> Vec<String> {
    let mut headings = Vec::new();
    let mut inside = false;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                inside = true;
                headings.push(String::new());
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text) | Event::Code(text) if inside => {
                headings.last_mut().expect("one has begun").push_str(&text);
            }
            _ => {}
        }
    }
    headings
}

/// A chapter without its blocks and spans of code.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut is_code = false;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) if !is_code => {
                prose.push_str(&text)
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) => prose.push(' '),
            _ => {}
        }
    }
    prose
}
