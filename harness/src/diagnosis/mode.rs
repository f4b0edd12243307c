//! A failure mode: how it shows, and what to tell the user about it.

use std::fmt;

use super::MODES;
use super::rule::{Answer, Rule};
use super::trial::Trial;
use super::view::View;

/// A way in which the memory of programs fails, or seems to.
pub struct Mode {
    /// Its name.
    pub id: &'static str,
    /// What it is, in a sentence.
    pub says: &'static str,
    /// The page of the book that explains it, from its root and without an ending.
    pub chapter: &'static str,
    /// Whether it does no harm.
    pub is_harmless: bool,
    /// The modes that follow from this one: if this one is seen, they aren't the cause.
    pub covers: &'static [&'static str],
    /// What must be so. The first one is its mark: without it, nothing speaks for the mode.
    pub rules: &'static [Rule],
    /// What tells it from its neighbours, if this record can't.
    pub experiment: &'static str,
    /// A second run that does so, if a change of its surroundings is enough.
    pub(super) trial: Option<Trial>,
    /// The finding, as a sentence with numbers.
    pub(super) story: fn(&View<'_>) -> String,
    /// How much of the peak it explains, in bytes.
    pub(super) explains: fn(&View<'_>) -> Option<u64>,
    /// The holder of the memory: a process, a file, a folder.
    pub(super) holder: fn(&View<'_>) -> Option<String>,
    /// What to do next, as commands or advice.
    pub(super) next: fn(&View<'_>) -> Vec<String>,
}

impl Mode {
    /// The mode of this name.
    pub fn find(id: &str) -> Option<&'static Self> {
        MODES.iter().copied().find(|mode| mode.id == id)
    }
}

/// No two modes have one name.
impl PartialEq for Mode {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

/// How a mode fits a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is what the record shows.
    Named,
    /// Nothing speaks against it, but not all could be seen; or it follows from another mode.
    Possible,
    /// Something speaks against it.
    RuledOut,
    /// The record can't show it.
    Unseen,
}

impl Status {
    /// As one word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Status::Named => "named",
            Status::Possible => "possible",
            Status::RuledOut => "ruled-out",
            Status::Unseen => "unseen",
        }
    }

    /// What the answers to the rules of a mode make of it.
    pub(super) fn of(answers: &[Answer]) -> Self {
        let has = |is: fn(&Answer) -> bool| answers.iter().any(is);
        match answers.first() {
            _ if has(|answer| matches!(answer, Answer::NotSeen(_))) => Status::RuledOut,
            Some(Answer::Seen(_)) if has(|answer| matches!(answer, Answer::CouldNotLook(_))) => {
                Status::Possible
            }
            Some(Answer::Seen(_)) => Status::Named,
            _ => Status::Unseen,
        }
    }
}
