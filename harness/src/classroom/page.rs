//! The page of a class: the curves over one another, who passed which exercise, how far apart the guesses are, and
//! what the machines can run.
//!
//! Whatever came from a learner's file is escaped.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::machine::{Runs, State};
use super::recheck::Found;
use super::{Course, Learner, Room, stem};
use crate::chart::{Curve, Figure, svg};
use crate::learn::guess::Guess;
use crate::learn::predict::{Prediction, answer, choices, filled};
use crate::learn::progress::Done;
use crate::model::metric::human;
use crate::model::series::Series;
use crate::report::html::{self, escaped, row};
use crate::scenario::{Catalog, Question, Scenario};
use crate::store;

/// The whole page: the curves first, since they are what people talk about.
pub(crate) fn page(catalog: &Catalog, room: &Room) -> String {
    let count = room.learners.len() + room.machines.len();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let mut text = format!("<p>From {files}.</p>\n");
    if !room.skipped.is_empty() {
        text.push_str("<p>Skipped, because they can't be read:</p>\n<ul>\n");
        for (name, why) in &room.skipped {
            writeln!(text, "<li>{}: {}</li>", escaped(name), escaped(why)).expect(STRING);
        }
        text.push_str("</ul>\n");
    }
    if !room.learners.is_empty() {
        text.push_str(&curves(catalog, &room.learners));
        text.push_str(&passed(catalog, room));
        text.push_str(&guesses(catalog, &room.learners));
    }
    if !room.machines.is_empty() {
        text.push_str(&machines(catalog, &room.machines));
    }
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

/// A cell of a grid: its colour, the sign that says the same to whoever sees no colours, and what it means.
struct Cell {
    class: &'static str,
    sign: String,
    words: String,
}

impl Cell {
    fn new(class: &'static str, sign: &str, words: String) -> Self {
        Cell { class, sign: sign.to_owned(), words }
    }

    fn html(&self) -> String {
        let words = escaped(&self.words);
        format!("<td class=\"{}\" title=\"{words}\">{}</td>", self.class, escaped(&self.sign))
    }
}

/// The head of a grid: a column for each scenario, as wide as it has columns below, and those that follow.
fn grid_heads<'a>(scenarios: impl Iterator<Item = (&'a Scenario, usize)>, others: &[&str]) -> String {
    let scenarios = scenarios.map(|(scenario, width)| {
        let (number, title) = (scenario.number, escaped(&scenario.title));
        format!("<th scope=\"col\" colspan=\"{width}\" title=\"{title}\">{number}</th>")
    });
    let others = others.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name)));
    let all: String = scenarios.chain(others).collect();
    format!("<thead><tr><th scope=\"col\">File</th>{all}</tr></thead>\n")
}

/// What the numbers above a grid mean.
fn numbers(catalog: &Catalog) -> String {
    let names = catalog.scenarios().iter().map(|scenario| format!("{} {}", scenario.number, scenario.slug));
    format!("<p class=\"legend\">{}.</p>\n", escaped(&names.collect::<Vec<_>>().join(", ")))
}

/// What the signs of a grid mean.
fn legend<const N: usize>(signs: [(&'static str, &str, &str); N]) -> String {
    let signs = signs.map(|(class, sign, words)| {
        format!("<span class=\"{class}\">{}</span> {}", escaped(sign), escaped(words))
    });
    format!("<p class=\"legend\">{}</p>\n", signs.join(" &nbsp; "))
}

/// Who passed what: a row for each learner, a column for each exercise, and a row that counts.
fn passed(catalog: &Catalog, room: &Room) -> String {
    let learners = &room.learners;
    let names: Vec<(String, String)> =
        exercises(catalog).map(|(scenario, name)| (scenario.slug.clone(), name.clone())).collect();
    let widths = catalog.scenarios().iter().map(|scenario| (scenario, scenario.exercises.len()));
    let heads = grid_heads(widths.filter(|(_, width)| *width > 0), &["Mysteries"]);
    let mut text = String::from("<h2>Who passed what</h2>\n");
    text.push_str(&legend([
        ("passed", "\u{2713}", if room.rechecked { "passed, and passes here" } else { "passed" }),
        ("begun", "\u{2026}", "not yet"),
        ("unknown", "?", "can't be judged here"),
        ("differs", "\u{2717}", "handed in as passed, and differs here"),
    ]));
    writeln!(text, "<div class=\"wide\"><table class=\"grid\">\n{heads}<tbody>").expect(STRING);
    for learner in learners {
        let cells: String = names.iter().map(|name| cell(learner, name).html()).collect();
        let (right, answered) = learner.mysteries;
        let mysteries = if answered == 0 { String::new() } else { format!("{right} of {answered}") };
        let row = format!("<tr>{}{cells}<td>{mysteries}</td></tr>\n", named(learner));
        text.push_str(&row);
    }
    let counts: String = names
        .iter()
        .map(|name| {
            let passed = learners.iter().filter(|learner| cell(learner, name).class == "passed").count();
            format!("<td>{passed}</td>")
        })
        .collect();
    writeln!(text, "<tr><th scope=\"row\">Passed, of {}</th>{counts}<td></td></tr>", learners.len())
        .expect(STRING);
    text.push_str("</tbody>\n</table></div>\n");
    text.push_str(&numbers(catalog));
    text.push_str(&differing(learners));
    text
}

/// The head of a learner's row: the file, and the name in it if that's another one.
fn named(learner: &Learner) -> String {
    let name = learner.label();
    let also = match learner.name.eq_ignore_ascii_case(name) || learner.name.is_empty() {
        true => String::new(),
        false => format!(" <small>{}</small>", escaped(&learner.name)),
    };
    format!("<th scope=\"row\">{}{also}</th>", escaped(name))
}

/// The cell of a learner and an exercise.
fn cell(learner: &Learner, name: &(String, String)) -> Cell {
    let Some(done) = learner.done.get(name) else { return Cell::new("", "", String::new()) };
    let words = described(done);
    match (&done.passed, learner.found.get(name)) {
        (None, _) => Cell::new("begun", "\u{2026}", words),
        (Some(_), None | Some(Found::Passes)) => Cell::new("passed", "\u{2713}", words),
        (Some(_), Some(found @ Found::Unknown(_))) => Cell::new("unknown", "?", format!("{words}; {found}")),
        (Some(_), Some(found @ Found::Differs(_))) => {
            Cell::new("differs", "\u{2717}", format!("{words}; {found}"))
        }
    }
}

/// What differs, in words, for each learner.
fn differing(learners: &[Learner]) -> String {
    let all = learners.iter().flat_map(|learner| learner.found.iter().map(move |found| (learner, found)));
    let differs = all.filter(|(_, (_, found))| **found != Found::Passes);
    let lines = differs.map(|(learner, ((slug, exercise), found))| {
        format!("<li>{}: {slug} {exercise}: {}</li>\n", escaped(&learner.file), escaped(&found.to_string()))
    });
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("<h3>What differs here</h3>\n<ul>\n{lines}</ul>\n") }
}

/// The progress on an exercise, in a few words.
fn described(done: &Done) -> String {
    let word = if done.passed.is_some() { "passed" } else { "not yet" };
    let plural = |count: usize, one: &str| match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        _ => format!(", {count} {one}s"),
    };
    format!("{word}{}{}", plural(done.checks as usize, "check"), plural(done.hints.len(), "hint"))
}

/// The most curves that one picture has room for.
const TOGETHER: usize = 8;

/// The curves of all who passed an exercise, over one another; if those are many, in several pictures.
fn curves(catalog: &Catalog, learners: &[Learner]) -> String {
    let mut text = String::from("<h2>The curves of the room</h2>\n<div class=\"figures\">\n");
    for (number, (scenario, name)) in exercises(catalog).enumerate() {
        let of = (&scenario.slug, name);
        let drawn = learners.iter().flat_map(|learner| {
            let mine = learner.curves.iter().filter(move |curve| (&curve.of.0, &curve.of.1) == of);
            mine.map(|course| curve(learner.label(), course))
        });
        let curves: Vec<Curve<'_>> = drawn.collect();
        // As even as can be: a picture with one curve shows no difference.
        let pictures = curves.len().div_ceil(TOGETHER);
        for (part, curves) in curves.chunks(curves.len().div_ceil(pictures.max(1)).max(1)).enumerate() {
            let mut title = format!("{} {name}: {}", scenario.slug, scenario.curve.meaning);
            if pictures > 1 {
                write!(title, " ({} of {pictures})", part + 1).expect(STRING);
            }
            let (unit, axis) = (scenario.curve.unit, human(scenario.curve.name).to_owned());
            let figure =
                Figure { title, axis, unit, curves: curves.to_vec(), levels: Vec::new(), in_own_time: false };
            let drawn = svg::draw(&figure, &format!("room-{number}-{part}"));
            writeln!(text, "<figure>{drawn}</figure>").expect(STRING);
        }
    }
    text.push_str("</div>\n");
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

/// Who can run what: a row for each machine, and a column for each scenario.
fn machines(catalog: &Catalog, machines: &[State]) -> String {
    let heads = ["Exercises", "Memory", "Processor", "Kernel"];
    let heads = grid_heads(catalog.scenarios().iter().map(|scenario| (scenario, 1)), &heads);
    let mut text = String::from("<h2>Who can run what</h2>\n");
    text.push_str(&legend([
        ("passed", "\u{2713}", "all of it"),
        ("begun", "\u{2212}", "at smaller sizes"),
        ("unknown", "?", "parts are UNKNOWN"),
        ("differs", "\u{2717}", "not at all"),
    ]));
    writeln!(text, "<div class=\"wide\"><table class=\"grid\">\n{heads}<tbody>").expect(STRING);
    for machine in machines {
        let runs = catalog.scenarios().iter().map(|scenario| runs(machine, &scenario.slug).html());
        let exercises = match &machine.no_exercises {
            None => Cell::new("passed", "\u{2713}", "they compile".into()),
            Some(why) => Cell::new("differs", "\u{2717}", why.clone()),
        };
        let stamp = |name: &str| machine.machine.get(name).cloned().unwrap_or_default();
        let others = [format!("{} MiB", stamp("memory_mib")), stamp("arch"), stamp("kernel")];
        let others = others.map(|text| format!("<td>{}</td>", escaped(&text)));
        let runs: String = runs.collect();
        let name = escaped(stem(&machine.name));
        let exercises = exercises.html();
        let others = others.concat();
        writeln!(text, "<tr><th scope=\"row\">{name}</th>{runs}{exercises}{others}</tr>").expect(STRING);
    }
    text.push_str("</tbody>\n</table></div>\n");
    text.push_str(&numbers(catalog));
    text.push_str(&lacking(machines));
    text
}

fn runs(machine: &State, slug: &str) -> Cell {
    let (class, sign) = match machine.scenarios.get(slug) {
        Some(Runs::Whole) => ("passed", "\u{2713}"),
        Some(Runs::Smaller(_)) => ("begun", "\u{2212}"),
        Some(Runs::Part(_)) => ("unknown", "?"),
        Some(Runs::Not(_)) => ("differs", "\u{2717}"),
        None => ("", ""),
    };
    let why = machine.scenarios.get(slug).and_then(Runs::why).unwrap_or_default();
    Cell::new(class, sign, why.to_owned())
}

/// The reasons why something is missing, each once, with the machines that have it.
fn lacking(machines: &[State]) -> String {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for machine in machines {
        let runs =
            machine.scenarios.iter().filter_map(|(slug, runs)| Some(format!("{slug}: {}", runs.why()?)));
        let exercises = machine.no_exercises.iter().map(|why| format!("exercises: {why}"));
        for reason in runs.chain(exercises) {
            reasons.entry(reason).or_default().push(stem(&machine.name));
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let lines = reasons.iter().map(|(why, who)| {
        format!("<li>{} <strong>{}</strong></li>\n", escaped(why), escaped(&who.join(", ")))
    });
    let lines: String = lines.collect();
    format!("<h3>What is missing, and where</h3>\n<ul>\n{lines}</ul>\n")
}

/// The guesses at every question that anybody answered, next to the recorded answer.
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
