//! What came of a run, for people and for programs.

pub mod command;
pub mod export;
pub mod html;
pub mod live;
pub mod run;
