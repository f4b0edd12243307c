//! The page of a room: who passed what, the curves over one another, and how far the guesses lie apart.
//!
//! Whatever came from a learner's file is escaped.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Course, Learner, Room};
use crate::chart::{Curve, Figure, svg};
use crate::learn::guess::Guess;
use crate::learn::predict::{Prediction, answer, choices, filled};
use crate::learn::progress::Done;
use crate::model::series::Series;
use crate::report::html::{self, escaped, heads, row};
use crate::scenario::{Catalog, Question, Scenario};
use crate::store;

/// The whole page.
pub(crate) fn page(catalog: &Catalog, room: &Room) -> String {
    let count = room.learners.len();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let mut text = format!("<p>From {files}.</p>\n");
    if !room.skipped.is_empty() {
        text.push_str("<p>Skipped, because they can't be read:</p>\n<ul>\n");
        for (name, why) in &room.skipped {
            writeln!(text, "<li>{}: {}</li>", escaped(name), escaped(why)).expect(STRING);
        }
        text.push_str("</ul>\n");
    }
    text.push_str(&passed(catalog, &room.learners));
    text.push_str(&curves(catalog, &room.learners));
    text.push_str(&guesses(catalog, &room.learners));
    html::page("The room", &text)
}

const STRING: &str = "a string takes all text";

/// Every exercise of every scenario, in order.
fn exercises(catalog: &Catalog) -> impl Iterator<Item = (&Scenario, &String)> {
    let of = |scenario| std::iter::repeat(scenario);
    catalog
        .scenarios()
        .iter()
        .flat_map(move |scenario| of(scenario).zip(scenario.exercises.iter().map(|exercise| &exercise.name)))
}

/// Who passed what: a row for each learner, and one that counts.
fn passed(catalog: &Catalog, learners: &[Learner]) -> String {
    let names: Vec<(String, String)> =
        exercises(catalog).map(|(scenario, name)| (scenario.slug.clone(), name.clone())).collect();
    let titles: Vec<String> = names.iter().map(|(slug, name)| format!("{slug} {name}")).collect();
    let all = ["Learner"].into_iter().chain(titles.iter().map(String::as_str)).chain(["Mysteries"]);
    let mut text = format!("<h2>Who passed what</h2>\n<div class=\"wide\"><table>\n{}<tbody>\n", heads(all));
    for learner in learners {
        let done = names.iter().map(|name| learner.done.get(name).map_or_else(String::new, described));
        let (right, answered) = learner.mysteries;
        let mysteries = if answered == 0 { String::new() } else { format!("{right} of {answered}") };
        text.push_str(&row(&learner.name, done.chain([mysteries])));
    }
    let passed = names.iter().map(|name| {
        let has = |learner: &&Learner| learner.done.get(name).is_some_and(|done| done.passed.is_some());
        format!("{} of {}", learners.iter().filter(has).count(), learners.len())
    });
    text.push_str(&row("Passed", passed.chain([String::new()])));
    text.push_str("</tbody>\n</table></div>\n");
    text
}

/// What was done on an exercise, in a few words.
fn described(done: &Done) -> String {
    let word = if done.passed.is_some() { "passed" } else { "not yet" };
    let plural = |count: usize, one: &str| match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        _ => format!(", {count} {one}s"),
    };
    format!("{word}{}{}", plural(done.checks as usize, "check"), plural(done.hints.len(), "hint"))
}

/// The curves of all who passed an exercise, over one another.
fn curves(catalog: &Catalog, learners: &[Learner]) -> String {
    let mut text = String::from("<h2>The curves of the room</h2>\n");
    for (number, (scenario, name)) in exercises(catalog).enumerate() {
        let of = (&scenario.slug, name);
        let drawn = learners.iter().flat_map(|learner| {
            let mine = learner.curves.iter().filter(move |curve| (&curve.of.0, &curve.of.1) == of);
            mine.map(|course| curve(&learner.name, course))
        });
        let curves: Vec<Curve<'_>> = drawn.collect();
        if curves.is_empty() {
            continue;
        }
        let title = format!("{} {name}: {}", scenario.slug, scenario.curve.meaning);
        let figure = Figure { title, unit: scenario.curve.unit, curves, levels: Vec::new() };
        writeln!(text, "<figure>{}</figure>", svg::draw(&figure, &format!("room-{number}"))).expect(STRING);
    }
    text
}

fn curve<'a>(name: &str, course: &'a Course) -> Curve<'a> {
    Curve {
        label: name.to_owned(),
        series: Series::of(&course.t, &course.v),
        peak: course.v.iter().max().copied(),
        end: course.span,
        marks: &[],
    }
}

/// What was guessed at every question that anybody answered, beside what was recorded.
fn guesses(catalog: &Catalog, learners: &[Learner]) -> String {
    let mut text = String::from("<h2>What was predicted</h2>\n");
    for scenario in catalog.scenarios() {
        // Without records the guesses are shown all the same.
        let records = store::records(&scenario.results()).map(|(_, records)| records);
        let records = records.unwrap_or_default();
        for question in &scenario.questions {
            let key = (scenario.slug.clone(), question.id.clone());
            let guesses: Vec<&Guess> =
                learners.iter().filter_map(|learner| learner.guesses.get(&key)).collect();
            if !guesses.is_empty() {
                text.push_str(&spread(scenario, question, &guesses, answer(question, &records).ok()));
            }
        }
    }
    text
}

fn spread(
    scenario: &Scenario,
    question: &Question,
    guesses: &[&Guess],
    recorded: Option<Prediction>,
) -> String {
    let sizes = scenario.sizes.get("lab").cloned().unwrap_or_default();
    let asks = recorded.as_ref().map_or_else(|| filled(&question.asks, &sizes), |found| found.asks.clone());
    let mut text = format!("<h3>{}: {}</h3>\n<table>\n", escaped(&scenario.slug), escaped(&asks));
    let mut chosen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut numbers = Vec::new();
    for guess in guesses {
        match guess {
            Guess::Number(number) => numbers.push(*number),
            Guess::Choice(choice) => *chosen.entry(choice).or_default() += 1,
        }
    }
    for (value, words) in choices(question, scenario) {
        let count = chosen.get(value.as_str()).copied().unwrap_or(0);
        text.push_str(&row(&words, [count.to_string()].into_iter()));
    }
    if !numbers.is_empty() {
        numbers.sort_by(f64::total_cmp);
        let words: Vec<String> = numbers.iter().map(f64::to_string).collect();
        let middle = words[words.len() / 2].clone();
        for (name, value) in [
            ("Lowest", words[0].clone()),
            ("In the middle", middle),
            ("Highest", words[words.len() - 1].clone()),
            ("All", words.join(", ")),
        ] {
            text.push_str(&row(name, [value].into_iter()));
        }
    }
    if let Some(recorded) = recorded {
        text.push_str(&row("As it was recorded", [recorded.truth.to_string()].into_iter()));
    }
    text.push_str("</table>\n");
    text
}
