//! The program's words on its channel: marks and counts of tasks for the record, facts for its end.

use std::collections::{BTreeMap, BTreeSet};

use super::channel::Message;

/// The most marks, counts and facts, and source files of a fact, that are kept: a program that never stops stating them must not fill
/// the disk. No honest one has as many.
const MARKS: u64 = 10_000;
const COUNTS: u64 = 1_000_000;
const FACTS: usize = 10_000;
const FILES: usize = 100;

/// What the program has stated so far.
#[derive(Default)]
pub(super) struct Talk {
    marks: u64,
    counts: u64,
    /// The counts that only the program knows.
    pub(super) facts: BTreeMap<String, u64>,
    /// Those that it has stated more than once.
    pub(super) restated: BTreeSet<String>,
    /// The source files that have stated each of them, if the program says which.
    pub(super) stated_by: BTreeMap<String, BTreeSet<String>>,
    /// The error that it is about to end with: errno and what it was doing.
    pub(super) failure: Option<(i32, String)>,
    /// How many marks, counts and facts were too many to be kept.
    pub(super) dropped: u64,
}

/// The reaction to a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Sample everything, keep the mark, and answer.
    Mark(String),
    /// Sample the frequent sources, and answer.
    Wait,
    /// Keep the count of tasks.
    Done(u64),
    /// Keep the error that it is about to end with: errno and what it was doing.
    Fail(i32, String),
    /// Answer, and keep nothing.
    Answer,
    /// Nothing.
    Nothing,
}

impl Talk {
    /// Takes in a message.
    pub(super) fn hear(&mut self, message: Message) -> Reaction {
        match message {
            // The program waits for an answer all the same.
            Message::Mark(_) if self.marks == MARKS => self.drop(Reaction::Answer),
            Message::Done(_) if self.counts == COUNTS => self.drop(Reaction::Nothing),
            Message::Fact(name, ..) if self.facts.len() == FACTS && !self.facts.contains_key(&name) => {
                self.drop(Reaction::Nothing)
            }
            Message::Mark(name) => {
                self.marks += 1;
                Reaction::Mark(name)
            }
            Message::Wait => Reaction::Wait,
            Message::Done(count) => {
                self.counts += 1;
                Reaction::Done(count)
            }
            Message::Fact(name, value, file) => {
                if let Some(file) = file {
                    let files = self.stated_by.entry(name.clone()).or_default();
                    if files.len() < FILES {
                        files.insert(file);
                    }
                }
                if self.facts.insert(name.clone(), value).is_some() {
                    self.restated.insert(name);
                }
                Reaction::Nothing
            }
            Message::Fail(errno, at) => {
                self.failure = Some((errno, at.clone()));
                Reaction::Fail(errno, at)
            }
        }
    }

    fn drop(&mut self, reaction: Reaction) -> Reaction {
        self.dropped += 1;
        reaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_never_stops_stating_marks_is_still_answered() {
        let mut talk = Talk::default();
        let mark = || Message::Mark("again".into());
        (0..MARKS).for_each(|_| assert_eq!(talk.hear(mark()), Reaction::Mark("again".into())));
        assert_eq!((talk.hear(mark()), talk.dropped), (Reaction::Answer, 1));
    }

    #[test]
    fn a_fact_that_is_stated_again_is_noted() {
        let mut talk = Talk::default();
        for (name, value, file) in
            [("files", 160, "setup.rs"), ("tasks", 8, "setup.rs"), ("files", 8, "my.rs")]
        {
            let fact = Message::Fact(name.into(), value, Some(file.into()));
            assert_eq!(talk.hear(fact), Reaction::Nothing);
        }
        assert_eq!(talk.facts, BTreeMap::from([("files".into(), 8), ("tasks".into(), 8)]));
        assert_eq!(talk.restated, BTreeSet::from(["files".into()]));
        assert_eq!(talk.stated_by["files"], BTreeSet::from(["my.rs".into(), "setup.rs".into()]));
    }
}
