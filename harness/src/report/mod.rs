//! The results of a run, for people and for programs.

pub mod command;
pub mod diagnosis;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod gather;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod live;
mod memory;
#[cfg(feature = "workbook")]
pub(crate) mod peer;
pub(crate) mod processes;
#[cfg(feature = "workbook")]
pub(crate) mod run;
pub(crate) mod several;
pub(crate) mod table;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

impl Format {
    /// What the option `--json` asks for.
    pub(crate) fn of(json: bool) -> Self {
        if json { Format::Json } else { Format::Text }
    }
}
