//! `lab`: finds, builds, confines, records, judges and draws. It names no scenario.
//!
//! The data goes one way:
//!
//! ```text
//! scenario.toml -> Plan -> confined process -> samples + marks + outcome -> Record -> Verdict -> terminal, SVG
//! ```

pub mod chart;
mod classroom;
pub mod cli;
pub mod diagnosis;
pub mod host;
pub mod judge;
pub mod learn;
pub mod model;
pub mod peer;
pub mod recorder;
pub mod reference;
pub mod report;
mod sandbox;
pub mod scenario;
pub mod screen;
pub mod store;
pub mod sweep;
mod workbench;
