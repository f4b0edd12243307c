//! `lab`: finds, builds, confines, records, judges and draws. It names no scenario.
//!
//! The data goes one way:
//!
//! ```text
//! scenario.toml -> Plan -> confined process -> samples + marks + outcome -> Record -> Verdict -> terminal, SVG
//! ```

pub mod bundle;
pub mod catalog;
pub mod chart;
pub mod claim;
pub mod class;
pub mod cli;
mod cmd;
pub mod command;
pub mod export;
pub mod html;
pub mod learn;
pub mod live;
pub mod machine;
pub mod metric;
pub mod outcome;
pub mod peer;
pub mod plan;
pub mod predict;
pub mod program;
pub mod record;
pub mod recorder;
pub mod reference;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod screen;
pub mod store;
pub mod summary;
pub mod sweep;
