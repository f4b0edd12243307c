//! An exercise whose answer is a failure mode, or that nothing is wrong with a program.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::workspace::Workspace;
use crate::model::UnknownName;
use crate::model::verdict::{Status, Verdict};
use crate::name::command;
use crate::scenario::Diagnosis;
use crate::screen::Screen;

/// The claim that a learner makes with an answer.
pub const ANSWER: &str = "answer";

/// That this name can be an answer to this exercise.
///
/// # Errors
///
/// Lists the names that can; or says that the exercise asks for none.
pub(crate) fn possible(workspace: &Workspace<'_>, word: &str) -> Result<()> {
    let name = &workspace.exercise.name;
    let Some(diagnosis) = &workspace.exercise.diagnosis else {
        bail!("{name} is answered by its program: leave --answer out");
    };
    if diagnosis.choices.iter().any(|mode| mode.id == word) {
        return Ok(());
    }
    let known = diagnosis.choices.iter().map(|mode| mode.id.to_owned()).collect();
    Err(UnknownName { what: format!("answer to {name}"), name: word.to_owned(), known }.into())
}

/// The verdict on an answer.
pub(crate) fn verdict(workspace: &Workspace<'_>, diagnosis: &Diagnosis, word: &str) -> Verdict {
    let is_right = word == diagnosis.answer.id;
    let against = "A measurement speaks against it: look at the curves, and at the table.";
    Verdict {
        claim: ANSWER.into(),
        says: "The answer is right.".into(),
        variant: workspace.exercise.name.clone(),
        status: if is_right { Status::Holds } else { Status::Fails },
        measured: None,
        measured_text: word.to_owned(),
        bound: None,
        bound_text: if is_right { word } else { "another one" }.to_owned(),
        post: None,
        hint: (!is_right).then(|| against.to_owned()),
    }
}

/// What can be answered, and how.
pub(crate) fn choices(workspace: &Workspace<'_>, diagnosis: &Diagnosis, screen: &Screen) -> String {
    let mut text = String::new();
    for mode in &diagnosis.choices {
        text.push_str(&screen.wrapped("  ", &format!("{}: {}", mode.id, mode.says)));
    }
    let answer = command(&format!("check {} --answer NAME", workspace.words()));
    writeln!(text, "\nAnswer: {answer}").expect("a string takes all text");
    text
}
