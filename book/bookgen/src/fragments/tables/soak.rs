//! How often the claims held when the scenarios were run again and again.

use super::{Table, link, plain};
use crate::workbook::Lesson;

/// A row for each scenario.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let heads = ["Scenario", "Claims on variants", "Each of them held", "Where"];
    let mut table = Table::new(&heads);
    for lesson in lessons {
        let rates = rates(&lesson.soak);
        let all = rates.iter().all(|(holds, seen)| holds == seen);
        let least = rates.iter().min_by_key(|(holds, seen)| 1000 * holds / seen);
        let held = match least {
            Some((holds, seen)) if all => format!("{holds} of {seen} times"),
            Some((holds, seen)) => format!("at least {holds} of {seen} times"),
            None => "unknown".into(),
        };
        table.row([link(&lesson.scenario), rates.len().to_string(), held, plain(place(&lesson.soak))]);
    }
    table
}

/// How often each claim on each variant held, of how many runs in which that could be seen.
fn rates(soak: &str) -> Vec<(u64, u64)> {
    let words = soak.split(|char: char| char == ',' || char.is_whitespace());
    let rate = |word: &str| {
        let (holds, seen) = word.split_once('/')?;
        Some((holds.parse().ok()?, seen.parse().ok().filter(|seen| *seen > 0)?))
    };
    words.filter_map(rate).collect()
}

/// The size and the machine, which the first line names.
fn place(soak: &str) -> &str {
    let first = soak.lines().next().unwrap_or_default();
    first.split_once(" runs ").map_or(first, |(_, place)| place)
}
