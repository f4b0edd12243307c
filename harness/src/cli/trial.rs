//! `lab diagnose --test`: runs a command again with the one change that separates what its record can't tell apart.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::record::named;
use crate::chart::clean;
use crate::command::{Request, again};
use crate::diagnosis::{self, Change, Diagnosis, Found, Mode, command_line, diagnose};
use crate::model::outcome::Outcome;
use crate::model::record::Record;
use crate::name::{INTERRUPTED, filled, program};
use crate::recorder::MAX_SAMPLES;
use crate::sandbox;
use crate::sandbox::signals::Signals;
use crate::screen::{Output, Screen};
use crate::store::Store;

/// The trial, and whether to ask before.
pub(super) struct Trial {
    /// The record that can't tell, or none if the command is recorded first.
    pub(super) record: Option<String>,
    pub(super) command: Vec<OsString>,
    pub(super) is_agreed: bool,
}

impl Trial {
    /// Records, changes, records again, and says what that shows. Returns the exit code.
    pub(super) fn run(self) -> Result<u8> {
        let signals = Signals::catch()?;
        sandbox::sweep();
        // The standard output is the command's.
        let screen = Screen::on(Output::Stderr);
        let say = |text: &str| screen.print(&screen.wrapped("", &clean(text)));
        let (before, request) = match &self.record {
            Some(what) => {
                let record = Record::read_thinned(&named(what)?, MAX_SAMPLES)?;
                let request = again::request(&record)?;
                (record, request)
            }
            None => {
                let request = Request::watching(self.command.clone());
                let words = words(&request);
                if !self
                    .agrees(&screen, &format!("This records the command, with all its effects: {words}"))?
                {
                    return Ok(0);
                }
                (again::record(&request, None, &signals, &fresh("before")?)?.0, request)
            }
        };
        if before.outcome() == Outcome::Interrupted {
            return Ok(INTERRUPTED);
        }
        let diagnosis = diagnose(&before);
        let changes = changes(&diagnosis);
        if changes.is_empty() {
            say(&nothing_to_try(&diagnosis));
            return Ok(0);
        }
        let mut confirmed = Vec::new();
        let mut is_repeated = false;
        for (change, modes) in changes {
            let names = modes.iter().map(|mode| mode.id).collect::<Vec<_>>().join(", ");
            let memory = match diagnosis::memory(change, &before) {
                Ok(memory) => memory,
                Err(why) => {
                    say(&format!("{names}: not tried, because {why}."));
                    continue;
                }
            };
            let request = Request { memory, message: Some(with(change, memory)), ..request.clone() };
            let question = format!(
                "To see whether it is {names}, this runs the command again, with all its effects, and {}: {}",
                with(change, memory),
                words(&request)
            );
            if !self.agrees(&screen, &question)? {
                continue;
            }
            let (after, path) = again::record(&request, Some(change), &signals, &fresh("after")?)?;
            if after.outcome() == Outcome::Interrupted {
                return Ok(INTERRUPTED);
            }
            for mode in modes {
                let (word, why) = match mode.found(&before, &after) {
                    Found::Confirmed(why) => {
                        confirmed.push(mode.id);
                        ("yes", why)
                    }
                    Found::Refuted(why) => ("no", why),
                    Found::Undecided(why) => ("not decided", why),
                };
                say(&format!("{}: {word}; {why}.", mode.id));
            }
            say(&format!("The record of it: {}", path.display()));
            is_repeated = true;
        }
        match confirmed[..] {
            [only] => say(&format!("So it's {only}: `{} diagnose --explain {only}` has more.", program())),
            [] if is_repeated => say(&format!(
                "So it's still open: `{} diagnose -1` says what the last of these runs shows by itself.",
                program()
            )),
            _ => say("So it's still open."),
        }
        Ok(0)
    }

    /// Says what it's about to do, and asks whether it may.
    fn agrees(&self, screen: &Screen, what: &str) -> Result<bool> {
        screen.print(&screen.wrapped("", &clean(what)));
        if self.is_agreed {
            return Ok(true);
        }
        if !stdin().is_terminal() {
            bail!("there's no terminal to ask on: give --yes to go on");
        }
        screen.print("Go on? [y/N] ");
        let mut answer = String::new();
        stdin().read_line(&mut answer).context("the answer")?;
        Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
    }
}

/// What can be changed to tell apart what fits, each with the modes that it tells of.
fn changes(diagnosis: &Diagnosis) -> Vec<(Change, Vec<&'static Mode>)> {
    let mut changes: Vec<(Change, Vec<&'static Mode>)> = Vec::new();
    for mode in diagnosis.candidates().map(|judged| judged.mode) {
        let Some(change) = mode.change() else { continue };
        match changes.iter_mut().find(|(other, _)| *other == change) {
            Some((_, modes)) => modes.push(mode),
            None => changes.push((change, vec![mode])),
        }
    }
    changes
}

fn nothing_to_try(diagnosis: &Diagnosis) -> String {
    let experiments: Vec<String> = diagnosis
        .candidates()
        .map(|judged| format!("{}: {}.", judged.mode.id, filled(judged.mode.experiment)))
        .collect();
    match experiments.is_empty() {
        true => "None of the known failures is seen, so there's nothing to try.".to_owned(),
        false => format!("Only you can make the change that would tell. {}", experiments.join(" ")),
    }
}

/// A change as words that follow `with`.
fn with(change: Change, memory: Option<u64>) -> String {
    let mib = memory.map_or(0, |bytes| bytes >> 20);
    match change {
        Change::Variable(name, value) => format!("with {name}={value}"),
        Change::HalfTheMemory | Change::TwiceTheMemory => format!("with {mib} MiB of memory"),
        Change::NoHugePages => "without transparent huge pages".to_owned(),
        Change::HalfTheProcessors => "on half the processors".to_owned(),
    }
}

fn words(request: &Request) -> String {
    let words: Vec<_> = request.words.iter().map(|word| word.to_string_lossy()).collect();
    command_line(words.iter().map(AsRef::as_ref))
}

/// A new file in the store for a record.
fn fresh(name: &str) -> Result<PathBuf> {
    Store::anywhere()?.begin_command(name)
}
