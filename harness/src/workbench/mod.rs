//! From a request to records: plan, build, run.

pub mod command;
pub mod plan;
pub mod program;
pub mod run;
