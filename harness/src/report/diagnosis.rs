//! A diagnosis for a person, and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::chart::clean;
use crate::diagnosis::{Answer, Diagnosis, Judged, Mode, Quantity, SCHEMA, Verdict, diagnose};
use crate::model::record::Record;
use crate::name::{filled, program};
use crate::screen::Screen;

const STRING: &str = "a string takes all text";

/// The last paragraph of a summary.
pub(crate) fn paragraph(record: &Record) -> String {
    let diagnosis = diagnose(record);
    let names = || diagnosis.candidates().map(|judged| judged.mode.id).collect::<Vec<_>>().join(", ");
    match (diagnosis.verdict, diagnosis.named()) {
        (_, Some(named)) => {
            let next = named.next.first().map_or_else(String::new, |next| format!(" Next: {next}."));
            format!("{}. {}{next}", headline(&diagnosis, named), story(named))
        }
        (Verdict::Between, _) => {
            format!("between {}: this record can't tell them apart; {}", names(), more())
        }
        (Verdict::TooLittle, _) if diagnosis.candidates().next().is_some() => {
            format!("too little was seen to say more than that {} is possible; {}", names(), more())
        }
        (Verdict::TooLittle, _) => "too little was seen: the run was too short".to_owned(),
        _ => {
            let unseen = unseen(&diagnosis, |judged| judged.mode.id.to_owned());
            format!("none of the known failures is seen{}{unseen}", mostly(&diagnosis))
        }
    }
}

/// The paragraph, for somebody who was asked what's wrong.
pub(crate) fn solution(record: &Record, screen: &Screen) -> String {
    screen.wrapped("", &format!("What its record shows by itself: {}", paragraph(record)))
}

/// The numbers that show which failure a run of a scenario is, or that it's healthy. By these the failure of the
/// scenario's chapter is recognised, or they speak against it.
pub(crate) fn telling(record: &Record, slug: &str, is_broken: bool, screen: &Screen) -> String {
    let chapter = format!("scenarios/{slug}/chapter");
    let diagnosis = diagnose(record);
    let fits = |judged: &&Judged| judged.story.is_some();
    let mut of_chapter = diagnosis.modes.iter().filter(|judged| judged.mode.chapter == chapter);
    let judged = match is_broken {
        true => of_chapter.find(fits).or(diagnosis.candidates().next()),
        false => of_chapter.find(|judged| !fits(judged)),
    };
    let Some(judged) = judged else { return String::new() };
    let numbers = judged.answers.iter().filter_map(|answer| match answer {
        Answer::Seen(quantity) if is_broken => Some(told(quantity)),
        Answer::NotSeen(quantity) if !is_broken => Some(rule(quantity)),
        _ => None,
    });
    let numbers: Vec<String> = numbers.collect();
    let about = match is_broken {
        true => format!("The numbers that show {}", judged.mode.id),
        false => format!("The numbers that rule out {}", judged.mode.id),
    };
    screen.wrapped("", &clean(&format!("{about}: {}.", numbers.join("; "))))
}

/// Whether the diagnosis of a record comes to a mode, or says that it's what most of the memory is.
pub(crate) fn finds(record: &Record, mode: &Mode) -> bool {
    let diagnosis = diagnose(record);
    let mostly = diagnosis.mostly().map(|(judged, _)| judged);
    diagnosis.candidates().chain(mostly).any(|judged| judged.mode == mode)
}

/// Where there is more to read.
fn more() -> String {
    format!("{} diagnose has the reasons, given this record", program())
}

/// The whole diagnosis, for a person.
pub(crate) fn text(record: &Record, screen: &Screen) -> String {
    let diagnosis = diagnose(record);
    let mut text = String::new();
    let mut say = |line: &str| text.push_str(&screen.wrapped("", &clean(line)));
    match diagnosis.verdict {
        Verdict::Named => {}
        Verdict::Between => say("The record fits several failures, and can't tell them apart."),
        Verdict::None => {
            say(&format!(
                "None of the known failures is seen{}{}.",
                mostly(&diagnosis),
                unseen(&diagnosis, reason)
            ));
        }
        Verdict::TooLittle => {
            say("Too little was seen: the run was too short, or too much couldn't be checked.")
        }
    }
    for judged in diagnosis.candidates() {
        text.push_str(&candidate(&diagnosis, judged, screen));
    }
    let consequences: Vec<String> = diagnosis
        .modes
        .iter()
        .filter_map(|judged| Some(format!("{} (follows from {})", judged.mode.id, judged.covered_by?)))
        .collect();
    if !consequences.is_empty() {
        text.push_str(&screen.wrapped("", &format!("Also there: {}.", consequences.join(", "))));
    }
    text
}

/// What most of the memory is, if nothing is wrong with it, as an addition to a sentence.
fn mostly(diagnosis: &Diagnosis) -> String {
    let Some((judged, bytes)) = diagnosis.mostly() else { return String::new() };
    let share = diagnosis.share(bytes).unwrap_or_default();
    format!(". {} ({share} at the peak)", judged.mode.says.trim_end_matches('.'))
}

/// The modes that the record can't show, each as `text` has it, as an addition to a sentence.
fn unseen(diagnosis: &Diagnosis, text: fn(&Judged) -> String) -> String {
    let each: Vec<String> = diagnosis.unseen().map(text).collect();
    match each.as_slice() {
        [] => String::new(),
        each => format!(". Couldn't be checked: {}", each.join(", ")),
    }
}

/// A mode that the record can't show, and why.
fn reason(judged: &Judged) -> String {
    let why = judged.answers.iter().find_map(|answer| match answer {
        Answer::CouldNotLook(why) => Some(why.as_str()),
        Answer::Seen(_) | Answer::NotSeen(_) => None,
    });
    format!("{} ({})", judged.mode.id, why.unwrap_or("no samples"))
}

/// One mode, with its findings, the gaps, and what to do next.
fn candidate(diagnosis: &Diagnosis, judged: &Judged, screen: &Screen) -> String {
    let mut text = screen.wrapped("", &clean(&headline(diagnosis, judged)));
    let mut item =
        |name: &str, line: &str| text.push_str(&screen.item(&screen.bold(name), INDENT, &clean(line)));
    item("What", judged.mode.says);
    item("Seen", &story(judged));
    for answer in &judged.answers {
        match answer {
            Answer::Seen(quantity) => item("", &rule(quantity)),
            Answer::NotSeen(quantity) => item("Against", &rule(quantity)),
            Answer::CouldNotLook(why) => item("Unseen", why),
        }
    }
    if let Some(holder) = &judged.holder {
        item("Held by", holder);
    }
    if diagnosis.verdict != Verdict::Named {
        item("To tell", &filled(judged.mode.experiment));
    }
    item("Chapter", &format!("{}.html of the book", judged.mode.chapter));
    judged.next.iter().for_each(|next| item("Next", next));
    text
}

/// The columns of the names.
const INDENT: usize = 10;

fn headline(diagnosis: &Diagnosis, judged: &Judged) -> String {
    let mut line = judged.mode.id.to_owned();
    if judged.mode.is_harmless {
        line.push_str(", which is harmless");
    }
    if let Some(share) = judged.explains.and_then(|bytes| diagnosis.share(bytes)) {
        write!(line, ": it explains {share}").expect(STRING);
    }
    line
}

fn story(judged: &Judged) -> String {
    judged.story.clone().unwrap_or_default()
}

/// A rule that was seen. A yes or no has no number to show.
fn told(quantity: &Quantity) -> String {
    match quantity.what.strip_suffix(" (1 if so)") {
        Some(what) => what.to_owned(),
        None => rule(quantity),
    }
}

fn rule(quantity: &Quantity) -> String {
    format!("{quantity} ({})", quantity.bound.text(quantity.unit))
}

/// How a mode shows: its rules with their thresholds, and its chapter.
pub(crate) fn explained(mode: &Mode, screen: &Screen) -> String {
    let mut text = screen.wrapped("", &screen.bold(mode.id));
    let mut item = |name: &str, line: &str| text.push_str(&screen.item(&screen.bold(name), INDENT, line));
    item("What", mode.says);
    if mode.is_harmless {
        item("Harm", "none");
    }
    for rule in mode.rules {
        item("Rule", &format!("{}: {}", rule.what, rule.bound.text(rule.unit)));
    }
    if !mode.covers.is_empty() {
        item("Causes", &mode.covers.join(", "));
    }
    item("To tell", &filled(mode.experiment));
    item("Chapter", &format!("{}.html of the book", mode.chapter));
    text
}

/// The diagnosis for programs, as the book describes it.
pub fn json(record: &Record) -> Value {
    let diagnosis = diagnose(record);
    let modes: Vec<Value> = diagnosis.modes.iter().map(mode_json).collect();
    let mostly = diagnosis.mostly().map(|(judged, _)| judged.mode.id);
    json!({
        "schema": SCHEMA, "verdict": diagnosis.verdict.word(), "peak_bytes": diagnosis.peak, "mostly": mostly,
        "modes": modes,
    })
}

fn mode_json(judged: &Judged) -> Value {
    let pick =
        |wanted: fn(&Answer) -> Option<Value>| judged.answers.iter().filter_map(wanted).collect::<Vec<_>>();
    json!({
        "id": judged.mode.id, "status": judged.status.word(), "harmless": judged.mode.is_harmless,
        "explains_bytes": judged.explains, "story": judged.story, "follows_from": judged.covered_by,
        "seen": pick(|answer| match answer { Answer::Seen(quantity) => Some(value(quantity)), _ => None }),
        "against": pick(|answer| match answer { Answer::NotSeen(quantity) => Some(value(quantity)), _ => None }),
        "unseen": pick(|answer| match answer { Answer::CouldNotLook(why) => Some(json!(why)), _ => None }),
        "holder": judged.holder, "chapter": judged.mode.chapter, "experiment": filled(judged.mode.experiment),
        "next": judged.next,
    })
}

fn value(quantity: &Quantity) -> Value {
    json!({ "what": quantity.what, "value": quantity.value, "unit": quantity.unit.word(), "at": quantity.at,
            "required": quantity.bound.text(quantity.unit) })
}
