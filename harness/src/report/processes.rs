//! The report on the single processes of a recorded command: how much each had, when, and how it ended.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::command::{self, place};
use super::html::{self, heads};
use super::table::{Column, render};
use crate::chart::{Band, Stack, Who, amount, clean, fit, seconds, svg, terminal};
use crate::model::metric::Unit;
use crate::model::record::{ProcessTrack, Record};
use crate::screen::Screen;

/// The lines of the picture, which leave room for what the letters mean on a screen of 24.
const HEIGHT: u16 = 15;

/// The words for a record without any.
const NONE: &str = "This record has no processes one by one: an older recorder wrote it, or the command was over \
                    before a sample saw any of them.";

const STRING: &str = "a string takes all text";

/// The processes of a record, stacked; `None` if it has none.
pub(crate) fn stack(record: &Record) -> Option<Stack<'_>> {
    Stack::of(record, command::curve(record))
}

/// The picture and the table, for a person.
pub(crate) fn text(record: &Record, path: &Path, screen: &Screen) -> String {
    let Some(stack) = stack(record) else { return screen.wrapped("", NONE) };
    if screen.describes {
        let mut text = screen.wrapped("", &clean(&format!("{}.", stack.title)));
        for band in &stack.bands {
            text.push_str(&screen.wrapped("", &format!("{}.", band.sentence())));
        }
        return text + &place(Some(path), screen);
    }
    let lines = terminal::draw_stack(&stack, screen.width, HEIGHT, screen.palette, screen.charset);
    let mut text: String = lines.into_iter().map(|line| line + "\n").collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&render(columns(&stack), screen));
    text.push_str(&place(Some(path), screen));
    text
}

/// What each letter means.
fn columns(stack: &Stack<'_>) -> Vec<Column> {
    let cells = |of: fn(&Band) -> Option<String>| {
        stack.bands.iter().map(move |band| clean(&of(band).unwrap_or_else(|| "-".to_owned())))
    };
    let number = |band: &Band| match band.who {
        Who::One(pid) => pid.to_string(),
        Who::InTurn(count) => format!("{count} in turn"),
        Who::Others | Who::Kind(_) => "others".to_owned(),
    };
    let numbers =
        stack.letters().zip(&stack.bands).map(|(letter, band)| format!("{letter} {}", number(band)));
    vec![
        Column::left("process", numbers),
        Column::right("most", cells(|band| Some(amount(Unit::Bytes, band.peak)))),
        Column::right("resident", cells(|band| band.resident.map(|most| amount(Unit::Bytes, most)))),
        Column::right("processor", cells(|band| band.cpu.map(seconds))),
        Column::left("end", cells(|band| Some(band.fate()).filter(|fate| !fate.is_empty()))),
        Column::filling("command", cells(|band| Some(band.command.clone()))),
    ]
}

/// The picture, as one `<svg>` element.
///
/// # Errors
///
/// When the record has no processes one by one.
pub(crate) fn drawing(record: &Record, prefix: &str) -> anyhow::Result<String> {
    Ok(svg::draw_stack(&stack(record).ok_or_else(|| anyhow::anyhow!(NONE))?, prefix))
}

/// The part of the page about them; empty if the record has none.
pub(crate) fn page(record: &Record) -> String {
    let Some(stack) = stack(record) else { return String::new() };
    let drawing = svg::draw_stack(&stack, "processes");
    let mut body = format!("<h2>Processes one by one</h2>\n<figure>{drawing}</figure>\n");
    body.push_str("<div class=\"wide\"><table>\n");
    body.push_str(&heads(
        ["Process", "Most", "Most resident", "Processor time", "End", "Command"].into_iter(),
    ));
    for band in &stack.bands {
        let cells = [
            amount(Unit::Bytes, band.peak),
            band.resident.map(|most| amount(Unit::Bytes, most)).unwrap_or_default(),
            band.cpu.map(seconds).unwrap_or_default(),
            band.fate(),
            band.command.clone(),
        ];
        body.push_str(&html::row(&band.label(), cells.into_iter()));
    }
    writeln!(body, "</table></div>").expect(STRING);
    body
}

/// Every process that was followed, with its peaks, for programs.
pub(crate) fn json(record: &Record) -> Value {
    let each = record.processes.each.values().map(|track| {
        let peak = |metric: &str| track.peak(metric);
        let process = track.process.as_ref();
        json!({
            "process": process, "until": track.until(&record.ended),
            "status": track.end(&record.ended).and_then(|ended| ended.status),
            "peaks": {
                "rss": peak("rss"), "anon": peak("anon"), "pss": peak("pss"), "uss": peak("uss"),
                "threads": peak("threads"), "cpu": peak("cpu"), "rchar": peak("rchar"), "wchar": peak("wchar"),
            },
        })
    });
    each.collect()
}

/// The processes that had most anonymous memory at a time, such as `python train.py (4711) 412 MiB, 3 more 12 MiB`;
/// `None` if none was seen to have any then.
pub(crate) fn largest_at(record: &Record, t: u64) -> Option<String> {
    // They are sampled right after the sources.
    let moment =
        record.processes.first_after(t).filter(|next| next - t <= record.header.interval).unwrap_or(t);
    let mut each: Vec<(String, u64)> = Vec::new();
    for track in record.processes.each.values() {
        let value = track.at("anon", moment, &record.ended).filter(|&value| value > 0);
        each.extend(value.map(|value| (called(track), value)));
    }
    let followed = each.iter().map(|(_, value)| value).sum::<u64>();
    each.sort_by_key(|(_, value)| std::cmp::Reverse(*value));
    let rest = each.split_off(each.len().min(NAMED));
    let others = |metric| record.processes.others(metric).and_then(|series| series.at(moment)).unwrap_or(0);
    let mut parts: Vec<String> =
        each.iter().map(|(name, value)| format!("{name} {}", amount(Unit::Bytes, *value))).collect();
    let count = rest.len() as u64 + others("processes");
    if count > 0 {
        let sum = rest.iter().map(|(_, value)| value).sum::<u64>() + others("anon");
        parts.push(format!("{count} more {}", amount(Unit::Bytes, sum)));
    }
    // Under load, and of a thousand processes, they are sampled less often than the total.
    let total = record.series("anon").and_then(|anon| anon.at(moment)).unwrap_or(0);
    let is_older = total.abs_diff(followed + others("anon")) > total / 8;
    let when = record.processes.last_until(moment).filter(|_| is_older);
    let when = when.map(|t| format!(" as of {}", seconds(t))).unwrap_or_default();
    (!parts.is_empty()).then(|| parts.join(", ") + &when)
}

/// So many are named.
const NAMED: usize = 3;

/// The columns of the words by which one is named.
const WORDS: usize = 32;

/// What a process is called in a sentence: its program without the folder, its words, its number.
fn called(track: &ProcessTrack) -> String {
    let Some(process) = &track.process else { return "a process without a name".into() };
    format!("{} ({})", fit(&clean(&process.command()), WORDS, '~'), process.pid)
}
