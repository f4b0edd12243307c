//! `lab`: finds, builds, confines, records, judges and draws. It names no scenario.
//!
//! The data goes one way:
//!
//! ```text
//! scenario.toml -> Plan -> confined process -> samples + marks + outcome -> Record -> Verdict -> terminal, SVG
//! ```

pub mod chart;
pub mod outcome;
pub mod record;
