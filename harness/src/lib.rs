//! Finds, builds, confines, records, judges and draws. It names no scenario.
//!
//! The data goes one way:
//!
//! ```text
//! scenario.toml -> Plan -> confined process -> samples + marks + outcome -> Record -> Verdict -> terminal, SVG
//! ```
//!
//! Without the feature `workbook` it's the recorder alone, which is published as `whyoom`: any command ->
//! Record -> diagnosis. With it, it's also the workbook, whose program is `lab`.

#![cfg_attr(
    not(feature = "workbook"),
    allow(
        dead_code,
        unused_imports,
        reason = "the rooms of the recorder also have what only the workbook uses"
    )
)]

pub mod chart;
#[cfg(feature = "workbook")]
mod classroom;
pub mod cli;
mod command;
pub mod diagnosis;
mod gather;
pub mod host;
#[cfg(feature = "workbook")]
pub mod judge;
#[cfg(feature = "workbook")]
pub mod learn;
pub mod model;
mod name;
#[cfg(feature = "workbook")]
pub mod peer;
pub mod recorder;
#[cfg(feature = "workbook")]
pub mod reference;
pub mod report;
mod sandbox;
#[cfg(feature = "workbook")]
pub mod scenario;
pub mod screen;
pub mod store;
#[cfg(feature = "workbook")]
pub mod sweep;
#[cfg(feature = "workbook")]
mod workbench;
