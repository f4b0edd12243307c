//! The summary of a run as Markdown, for a CI job that shows one.

use std::fmt::Write;

use crate::chart::{amount, clean, describe};
use crate::model::record::Record;
use crate::recorder::metrics;
use crate::report::command;

const STRING: &str = "a string takes all text";

/// A heading, the diagnosis, the numbers of the picture, what else is to be said, and all peaks folded up.
pub(super) fn markdown(record: &Record) -> String {
    let header = &record.header;
    let message = header.command.as_ref().and_then(|command| command.message.as_ref());
    let title =
        message.map_or_else(|| header.title.clone(), |message| format!("{message}: {}", header.title));
    let mut text = format!("### Memory of {}\n\n", escaped(&title));
    let lines = command::lines(record);
    let diagnosis = lines.iter().find(|(name, _)| *name == "Diagnosis");
    if let Some((name, line)) = diagnosis {
        writeln!(text, "**{name}**: {}\n", escaped(line)).expect(STRING);
    }
    // The first line is the title of the picture.
    for line in describe(&command::figure(record, &[])).iter().skip(1) {
        writeln!(text, "- {}", escaped(line)).expect(STRING);
    }
    text.push_str("\n| | |\n|---|---|\n");
    for (name, line) in lines.iter().filter(|(name, _)| *name != "Diagnosis") {
        writeln!(text, "| **{name}** | {} |", escaped(line)).expect(STRING);
    }
    let heads = "| Metric | Peak | What it is |\n|---|---:|---|";
    writeln!(text, "\n<details><summary>Peaks</summary>\n\n{heads}").expect(STRING);
    for metric in metrics::all() {
        let Some(peak) = record.peak(metric.name).filter(|&peak| peak > 0) else { continue };
        let (name, peak) = (escaped(metric.name), amount(metric.unit, peak));
        writeln!(text, "| {name} | {peak} | {} |", escaped(metric.meaning)).expect(STRING);
    }
    text.push_str("\n</details>\n\n");
    text
}

/// A text in one line that Markdown shows as it is. Commands and processes are called as somebody liked.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in clean(&text.replace(['\n', '\t'], " ")).chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => escaped.extend(['\\', char]),
            // A name must not notify a user or link to an issue.
            '@' => escaped.push_str("&#64;"),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::super::tests::record;
    use super::*;

    #[test]
    fn it_has_the_end_the_diagnosis_the_phases_and_the_peaks() {
        let text = markdown(&record());
        for part in [
            "### Memory of a title",
            "**Diagnosis**: ",
            "| **Ended** | exited with 0, after 10.0 s |",
            "at load \\| it (0.001 s)",
            "| cgroup | 64 KiB |",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_hostile_name_is_shown_as_it_is() {
        let name = "a|b <img src=x> `c` *d* [e](http://f) @g #1 ~h~ \\ &amp; \n# i";
        let mut record = record();
        record.header.title = name.into();
        let text = markdown(&record);
        let heading = text.lines().next().unwrap();
        let mut shown = String::new();
        for event in Parser::new_ext(heading, Options::all()) {
            match event {
                Event::Text(text) => shown.push_str(&text),
                Event::Start(Tag::Heading { .. }) | Event::End(_) => {}
                other => panic!("{other:?} in {heading}"),
            }
        }
        assert_eq!(shown, format!("Memory of {}", name.replace('\n', " ")));
    }
}
