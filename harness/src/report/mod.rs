//! The results of a run, for people and for programs.

pub mod command;
pub(crate) mod diagnosis;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod live;
mod memory;
pub(crate) mod peer;
pub(crate) mod processes;
pub(crate) mod run;
pub(crate) mod table;
