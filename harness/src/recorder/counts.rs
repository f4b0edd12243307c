//! Counts in a small file, such as the `memory.events` of a control group.

use std::path::Path;

use super::procfile::{self, ProcFile};
use super::source::{Column, Row};
use crate::model::metric::Metric;

/// A file with counts, and a metric for each of them.
pub(super) struct Counts {
    name: &'static str,
    file: ProcFile,
    counts: Vec<Count>,
}

struct Count {
    metric: &'static Metric,
    /// The beginning of its line. With no word it's the number that is all of the file.
    word: &'static str,
    /// What it was before the run.
    before: u64,
}

impl Counts {
    /// Opens a file of a folder; `None` if it isn't there. A count that the file lacks is left out.
    pub(super) fn open(
        folder: &Path,
        name: &'static str,
        words: &[(&'static Metric, &'static str)],
    ) -> Option<Self> {
        let file = ProcFile::open(folder.join(name))?;
        let text = file.read(|text| Some(text.to_owned()))?;
        let is_there = |word: &str| text.lines().any(|line| line.starts_with(word));
        let count = |&(metric, word): &(&'static Metric, &'static str)| {
            is_there(word).then_some(Count { metric, word, before: 0 })
        };
        Some(Counts { name, file, counts: words.iter().filter_map(count).collect() })
    }

    /// The same, less the counts so far.
    pub(super) fn since_now(mut self) -> Self {
        let now = |text: &str| {
            self.counts.iter_mut().for_each(|count| count.before = count.read(text));
            Some(())
        };
        self.file.read(now);
        self
    }

    /// The metrics, and where they are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column> {
        self.counts
            .iter()
            .map(|count| Column::new(count.metric, format!("{} {}", self.name, count.word).trim()))
    }

    /// Reads all of them.
    pub(super) fn sample(&self, row: &mut Row) {
        let set = |text: &str| {
            for count in &self.counts {
                row.set(count.metric, count.read(text).saturating_sub(count.before));
            }
            Some(())
        };
        self.file.read(set);
    }
}

impl Count {
    fn read(&self, text: &str) -> u64 {
        procfile::lines(text, [self.word])[0]
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    static OOM: Metric = Metric::count("oom", "a count");
    static KILLS: Metric = Metric::count("kills", "another");
    static ABSENT: Metric = Metric::count("absent", "one that the file lacks");

    #[test]
    fn counts_begin_now_and_one_that_is_not_there_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("events"), text).unwrap();
        write("oom 3\noom_kill 5\n");
        let words: [(&'static Metric, _); 3] = [(&OOM, "oom "), (&KILLS, "oom_kill "), (&ABSENT, "high ")];
        let all = Counts::open(folder.path(), "events", &words).unwrap();
        let since = Counts::open(folder.path(), "events", &words).unwrap().since_now();
        write("oom 4\noom_kill 7\n");
        let read = |counts: &Counts| {
            let mut row = Row::default();
            counts.sample(&mut row);
            [&OOM, &KILLS, &ABSENT].map(|metric| Some(row.get(metric)?.0))
        };
        assert_eq!((read(&all), read(&since)), ([Some(4), Some(7), None], [Some(1), Some(2), None]));
        assert_eq!(
            all.columns().map(|column| column.from).collect::<Vec<_>>(),
            ["events oom", "events oom_kill"]
        );
        assert!(Counts::open(folder.path(), "no such file", &words).is_none());
    }
}
