//! The learner's progress, in a file that people can read.
//!
//! Its keys are the names of scenarios and exercises rather than numbers, so it means the same after an update of the
//! repository. Entries that this version doesn't know stay as they are.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use toml::{Table, Value};

use super::guess::Guess;
use super::workspace::MY;
use crate::scenario::Catalog;

/// What stands at the top of the file.
const ABOUT: &str = "\
# What you have done in the workbook. `lab progress` shows it.
# You may read, copy and edit this file; without it you begin again.

";

/// The progress of one learner.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    path: PathBuf,
    table: Table,
}

/// The progress on one exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// How often it was checked.
    pub(crate) checks: u32,
    /// The levels of the hints that were shown.
    pub(crate) hints: Vec<u8>,
    /// When it passed for the first time, in UTC, as in RFC 3339.
    pub(crate) passed: Option<String>,
    /// What passed last.
    #[serde(flatten)]
    pub(crate) kept: Option<Kept>,
}

/// The kept part of a passed check, which tells it from any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The SHA-256 of the learner's file.
    pub(crate) source: String,
    /// The SHA-256 of the record of its run.
    pub(crate) record: String,
    /// The answer, if the exercise asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
}

impl Progress {
    /// Reads the progress in the repository at `root`. Without a file, nothing was done.
    ///
    /// # Errors
    ///
    /// If the file can't be read, or isn't TOML; then it stays as it is.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let path = root.join(MY).join("progress.toml");
        let table = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text)
                .with_context(|| format!("{}: fix it, or move it away to begin again", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Table::new(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        Ok(Progress { path, table })
    }

    /// All of it, with what this version doesn't know.
    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The progress on an exercise.
    ///
    /// # Errors
    ///
    /// When the file says something else than that, with the file's name.
    pub(crate) fn done(&self, slug: &str, exercise: &str) -> Result<Done> {
        let entry = self.table.get(slug).and_then(|scenario| scenario.get(EXERCISES)?.get(exercise));
        let done = entry.map_or(Ok(Done::default()), |entry| entry.clone().try_into());
        done.with_context(|| format!("{}: [{slug}.{EXERCISES}.{exercise}]", self.path.display()))
    }

    /// Notes a check of an exercise, and whether it passed.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn check(&mut self, slug: &str, exercise: &str, passed: Option<String>) -> Result<()> {
        let done = self.done(slug, exercise)?;
        let entry = self.entry(slug, EXERCISES, exercise)?;
        entry.insert("checks".into(), i64::from(done.checks + 1).into());
        if let (None, Some(now)) = (done.passed, passed) {
            entry.insert("passed".into(), now.into());
        }
        self.save()
    }

    /// Notes a passed attempt, replacing the earlier note.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn keep(&mut self, slug: &str, exercise: &str, kept: &Kept) -> Result<()> {
        let kept = Table::try_from(kept).context("what is kept of a check")?;
        let entry = self.entry(slug, EXERCISES, exercise)?;
        entry.remove("answer");
        entry.extend(kept);
        self.save()
    }

    /// Notes that a hint was shown.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn hint(&mut self, slug: &str, exercise: &str, level: u8) -> Result<()> {
        let mut hints = self.done(slug, exercise)?.hints;
        hints.push(level);
        hints.sort_unstable();
        hints.dedup();
        self.entry(slug, EXERCISES, exercise)?.insert("hints".into(), hints.into());
        self.save()
    }

    /// Notes the first guess at a question. A later one knows the answer.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn guess(&mut self, slug: &str, question: &str, guess: &Guess) -> Result<()> {
        let guess = match guess {
            Guess::Number(number) => Value::from(*number),
            Guess::Choice(choice) => Value::from(choice.as_str()),
        };
        self.entry(slug, PREDICTIONS, question)?.entry("guess").or_insert(guess);
        self.save()
    }

    /// Notes that the mystery of a seed was looked at.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn asked(&mut self, seed: u64, now: &str) -> Result<()> {
        self.entry(MYSTERIES, SEEDS, &seed.to_string())?.insert("asked".into(), now.into());
        self.save()
    }

    /// Notes the first answer to the mystery of a seed, and the right one. A later one knows it.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub(crate) fn answered(&mut self, seed: u64, answer: &str, truth: &str) -> Result<()> {
        let entry = self.entry(MYSTERIES, SEEDS, &seed.to_string())?;
        entry.entry("answer").or_insert(answer.into());
        entry.insert("truth".into(), truth.into());
        self.save()
    }

    /// This seed if its mystery was looked at, or the seed of the one that was looked at last.
    pub(crate) fn looked_at(&self, seed: Option<u64>) -> Option<u64> {
        let asked = self.mysteries().filter_map(|(key, entry)| {
            let at = entry.get("asked")?.as_str()?;
            Some((at, key.parse().ok()?))
        });
        asked.filter(|(_, key)| seed.is_none_or(|seed| seed == *key)).max().map(|(_, key)| key)
    }

    /// How many mysteries were solved at the first try, and how many were answered.
    pub(crate) fn mysteries_solved(&self) -> (usize, usize) {
        let answers =
            self.mysteries().filter_map(|(_, entry)| Some((entry.get("answer")?, entry.get("truth")?)));
        let answers: Vec<_> = answers.collect();
        (answers.iter().filter(|(answer, truth)| answer == truth).count(), answers.len())
    }

    fn mysteries(&self) -> impl Iterator<Item = (&String, &Value)> {
        let seeds = self.table.get(MYSTERIES).and_then(|mysteries| mysteries.get(SEEDS)?.as_table());
        seeds.into_iter().flatten()
    }

    /// The entries that this version of the workbook has no exercise for, as `slug exercise`.
    pub(crate) fn unknown(&self, catalog: &Catalog) -> Vec<String> {
        let mut unknown = Vec::new();
        for (slug, entry) in &self.table {
            let scenario = catalog.find(slug).ok();
            let names = entry.get(EXERCISES).and_then(Value::as_table).into_iter().flat_map(Table::keys);
            let is_unknown =
                |name: &&String| scenario.is_none_or(|scenario| scenario.exercise(name).is_err());
            unknown.extend(names.filter(is_unknown).map(|name| format!("{slug} {name}")));
        }
        unknown
    }

    /// The table `[slug.group.name]`, which is made if it isn't there.
    fn entry(&mut self, slug: &str, group: &str, name: &str) -> Result<&mut Table> {
        let mut table = &mut self.table;
        for key in [slug, group, name] {
            let value = table.entry(key).or_insert_with(|| Table::new().into());
            table = value
                .as_table_mut()
                .with_context(|| format!("{}: {key} isn't a table: fix it", self.path.display()))?;
        }
        Ok(table)
    }

    /// Writes the file in one step: a lab that's killed leaves the earlier one.
    fn save(&self) -> Result<()> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder)?;
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(format!("{ABOUT}{}", self.table).as_bytes())?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().with_context(|| self.path.display().to_string())
    }
}

/// Below this key of a scenario stand its exercises.
pub(crate) const EXERCISES: &str = "exercises";

/// Below this key of a scenario stand the questions of its chapter.
pub(crate) const PREDICTIONS: &str = "predictions";

/// Below these keys stand the mysteries, by their seeds.
pub(crate) const MYSTERIES: &str = "mysteries";
pub(crate) const SEEDS: &str = "seeds";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_read_again_and_what_is_unknown_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("my/progress.toml");
        std::fs::create_dir(root.path().join("my")).unwrap();
        std::fs::write(&path, "[gone.exercises.exercise]\nchecks = 1\nmood = \"good\"\n").unwrap();
        let mut progress = Progress::open(root.path()).unwrap();
        progress.hint("toy", "exercise", 2).unwrap();
        progress.hint("toy", "exercise", 1).unwrap();
        progress.check("toy", "exercise", None).unwrap();
        progress.check("toy", "exercise", Some("now".into())).unwrap();
        progress.check("toy", "exercise", Some("later".into())).unwrap();
        let again = Progress::open(root.path()).unwrap();
        let done = Done { checks: 3, hints: vec![1, 2], passed: Some("now".into()), kept: None };
        assert_eq!(again.done("toy", "exercise").unwrap(), done);
        let mut kept = Kept { source: "a".into(), record: "b".into(), answer: Some("leak".into()) };
        progress.keep("toy", "exercise", &kept).unwrap();
        kept.answer = None;
        progress.keep("toy", "exercise", &kept).unwrap();
        let again = Progress::open(root.path()).unwrap();
        assert_eq!(again.done("toy", "exercise").unwrap(), Done { kept: Some(kept), ..done });
        assert_eq!(again.done("toy", "another").unwrap(), Done::default());
        assert_eq!(again.table()["gone"]["exercises"]["exercise"]["mood"].as_str(), Some("good"));
    }

    #[test]
    fn a_file_that_is_damaged_is_named_and_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("my/progress.toml");
        std::fs::create_dir(root.path().join("my")).unwrap();
        for damaged in ["[toy", "toy = 7\n", "[toy.exercises.exercise]\nchecks = \"many\"\n"] {
            std::fs::write(&path, damaged).unwrap();
            let check = || Progress::open(root.path())?.check("toy", "exercise", None);
            let error = format!("{:#}", check().unwrap_err());
            assert!(error.contains("my/progress.toml"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), damaged);
        }
    }
}
