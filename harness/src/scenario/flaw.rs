//! A mistake in a scenario.toml, and its place.

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::model::nearest;

pub(super) struct Flaw {
    /// The place in the text, in bytes.
    pub(super) span: Range<usize>,
    /// The mistake there, and what's allowed.
    pub(super) what: String,
}

pub(super) fn flaw<T>(span: Range<usize>, what: impl Into<String>) -> Result<T, Flaw> {
    Err(Flaw { span, what: what.into() })
}

/// The text as TOML, or what the parser has to say, and where.
pub(super) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, Flaw> {
    toml::from_str(text)
        .map_err(|error| Flaw { span: error.span().unwrap_or_default(), what: with_nearest(error.message()) })
}

impl Flaw {
    /// The line, and the character in it, both from 1 on.
    pub(super) fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
        (line, column)
    }
}

/// The message of the parser, with the nearest of the names that it allows.
///
/// The parser quotes names in backticks: the wrong one first, then each one that is allowed.
fn with_nearest(message: &str) -> String {
    let message = message.trim_end().replace('\n', "; ");
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let (wrong, allowed) = (quoted.next().unwrap_or_default(), quoted.collect::<Vec<_>>());
    match nearest(&wrong, &allowed) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message,
    }
}
