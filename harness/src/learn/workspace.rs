//! Where the learner works: one file for each exercise, in a folder that git doesn't see.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::model::UnknownName;
use crate::scenario::{Exercise, Scenario};

/// The folder of the learner's files in the repository.
pub(crate) const MY: &str = "my";

/// An exercise, and the learner's file for it.
#[derive(Debug, Clone)]
pub struct Workspace<'a> {
    /// The scenario that the exercise belongs to.
    pub(crate) scenario: &'a Scenario,
    /// The exercise.
    pub(crate) exercise: &'a Exercise,
    /// The learner's file. It may not be there yet.
    pub file: PathBuf,
}

/// The state of the place where the learner's file belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Laid {
    /// Nothing, so it was put there.
    Now,
    /// The file, which was left alone.
    Before,
}

impl<'a> Workspace<'a> {
    /// The workspace for the exercise of this name or number, or for the first one of the scenario.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the exercises that the scenario has.
    pub(crate) fn find(root: &Path, scenario: &'a Scenario, name: Option<&str>) -> Result<Self, UnknownName> {
        let place = match name {
            None => Some(1),
            Some(name) => name.parse::<usize>().ok(),
        };
        let exercise = match place.and_then(|place| scenario.exercises.get(place.checked_sub(1)?)) {
            Some(exercise) => exercise,
            None => scenario.exercise(name.unwrap_or("exercise"))?,
        };
        Ok(Self::of(root, scenario, exercise))
    }

    /// The workspace for an exercise.
    pub fn of(root: &Path, scenario: &'a Scenario, exercise: &'a Exercise) -> Self {
        let start = scenario.source(&exercise.name);
        let name = start.file_name().unwrap_or_default();
        Workspace { scenario, exercise, file: root.join(MY).join(&scenario.slug).join(name) }
    }

    /// Where the record of the run that passed is kept: those of other runs are deleted when the workbook is
    /// cleaned.
    pub(crate) fn kept_record(&self) -> PathBuf {
        self.file.with_extension("jsonl")
    }

    /// Where the source that passed is kept, since the learner may go on with the file.
    pub(crate) fn kept_source(&self) -> PathBuf {
        self.file.with_extension("passed.rs")
    }

    /// The arguments that name this exercise to a command.
    pub(crate) fn words(&self) -> String {
        let number = self.scenario.number;
        match self.scenario.exercises.first() == Some(self.exercise) {
            true => number.to_string(),
            false => format!("{number} {}", self.exercise.name),
        }
    }

    /// Puts the learner's file there, if there is none, and around it what an editor needs to see it.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub(crate) fn lay(&self) -> Result<Laid> {
        let start = self.start()?;
        fs::create_dir_all(self.folder()).with_context(|| self.folder().display().to_string())?;
        let laid = match fs::File::create_new(&self.file) {
            Ok(mut file) => {
                std::io::Write::write_all(&mut file, start.as_bytes())
                    .with_context(|| self.file.display().to_string())?;
                Laid::Now
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Laid::Before,
            Err(error) => return Err(error).with_context(|| self.file.display().to_string()),
        };
        super::package::write(self)?;
        Ok(laid)
    }

    /// Puts the start there again, and the file that was there aside. Returns where that is now.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub(crate) fn reset(&self) -> Result<Option<PathBuf>> {
        let aside = match self.file.exists() {
            true => Some(self.put_aside()?),
            false => None,
        };
        self.lay()?;
        Ok(aside)
    }

    /// The text that the exercise begins with.
    ///
    /// # Errors
    ///
    /// The file's, with its name: a bundle has no sources.
    pub(crate) fn start(&self) -> Result<String> {
        source(&self.scenario.source(&self.exercise.name))
    }

    /// The text that solves the exercise.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub(crate) fn solution(&self) -> Result<String> {
        source(&self.scenario.source(&self.exercise.solution))
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }

    /// Renames the file to the first number that is free: `exercise.1.rs`, `exercise.2.rs`.
    fn put_aside(&self) -> Result<PathBuf> {
        let aside = (1_u32..)
            .map(|number| self.file.with_extension(format!("{number}.rs")))
            .find(|path| path.symlink_metadata().is_err())
            .expect("some number is free");
        fs::rename(&self.file, &aside).with_context(|| self.file.display().to_string())?;
        Ok(aside)
    }
}

fn source(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!("{}: exercises need the sources, which a bundle doesn't have", path.display())
    })
}
