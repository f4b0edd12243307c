//! Whatever a record holds, the pictures stay whole.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::header;
use crate::chart::terminal::{self, Charset, Palette};
use crate::chart::{Figure, Level, Unit, label, svg};
use crate::model::record::{Mark, Record};
use crate::model::series::{Column, Track};

/// A figure whose every part may be anything.
fn anything() -> impl Strategy<Value = (Vec<Record>, Vec<(String, u64)>, String)> {
    let values = proptest::collection::vec((any::<u64>(), any::<u64>()), 0..20);
    let marks = proptest::collection::vec((any::<u64>(), ".*"), 0..14);
    let run = (".*", values, marks).prop_map(|(variant, samples, marks)| {
        let mut record = Record::new(header(&variant));
        let (t, tmpfs): (Vec<u64>, Vec<u64>) = samples.into_iter().unzip();
        let columns = BTreeMap::from([("tmpfs".into(), Column { values: tmpfs, ..Column::default() })]);
        record.tracks.insert("sample".into(), Track { t, columns });
        record.marks = marks.into_iter().map(|(t, name)| Mark { t, name }).collect();
        record
    });
    let levels = proptest::collection::vec((".*", any::<u64>()), 0..4);
    (proptest::collection::vec(run, 0..9), levels, ".*")
}

fn figure_of(records: &[Record], levels: Vec<(String, u64)>, title: String, unit: Unit) -> Figure<'_> {
    let mut figure = Figure::of(&records.iter().collect::<Vec<_>>(), "tmpfs", unit);
    figure.title = title;
    figure.levels = levels.into_iter().map(|(label, value)| Level { label, value }).collect();
    figure
}

proptest! {
    #[test]
    fn no_figure_breaks_the_terminal(
        (records, levels, title) in anything(),
        (width, height) in (0u16..320, 0u16..80),
        unit in prop_oneof![Just(Unit::Bytes), Just(Unit::Count)],
    ) {
        let figure = figure_of(&records, levels, title, unit);
        for charset in [Charset::Unicode, Charset::Ascii] {
            let lines = terminal::draw(&figure, width, height, Palette::Plain, charset);
            prop_assert!(lines.len() <= usize::from(height));
            for line in &lines {
                prop_assert!(label::width(line) <= usize::from(width), "{line:?}");
                prop_assert!(!line.chars().any(char::is_control), "{line:?}");
                prop_assert!(charset == Charset::Unicode || line.is_ascii(), "{line:?}");
            }
            let colored = terminal::draw(&figure, width, height, Palette::Ansi, charset);
            prop_assert_eq!(colored.iter().map(|line| without_colors(line)).collect::<Vec<_>>(), lines);
        }
    }

    #[test]
    fn every_figure_is_well_formed_svg(
        (records, levels, title) in anything(),
        prefix in ".*",
        unit in prop_oneof![Just(Unit::Bytes), Just(Unit::Count)],
    ) {
        let text = svg::draw(&figure_of(&records, levels, title, unit), &prefix);
        let document = roxmltree::Document::parse(&text);
        prop_assert!(document.is_ok(), "{:?}\n{text}", document.err());
    }
}

/// The line as it is without the escapes that set colours.
fn without_colors(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}
