//! Everything that a scenario links.
//!
//! A scenario is a small program with variants: the same work done in a way that breaks memory, and in ways that
//! don't. It never measures itself. It says *where it is* (marks), *how far it is* (tasks done) and *what it did*
//! (facts, as counts), and the harness measures from outside.
//!
//! ```no_run
//! fn broken(bench: &labkit::Bench) -> labkit::Result {
//!     let array = bench.array(bench.size("array_mib"));
//!     bench.mark("array made");
//!     bench.fact("checksum", labkit::checksum(array.view()));
//!     Ok(())
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     labkit::run("[sizes.smoke]\narray_mib = 4", &[("broken", broken)])
//! }
//! ```
//!
//! # Layout
//!
//! - [`run`] is the whole `main` of a scenario: arguments, the chosen variant, the exit code.
//! - [`Bench`] is what a variant is given: sizes, the seed, the channel to the harness.
//! - [`Gate`] holds jobs in the middle of their work, until the harness has looked.
//! - [`channel`] is the line protocol on that channel, which any language can speak.
//! - [`Child`] is a process that a variant has made, by fork or by exec.
//! - [`sys`] holds every `unsafe` block of the workspace.

mod args;
mod bench;
pub mod channel;
mod child;
mod gate;
pub mod sys;

use std::process::ExitCode;

pub use bench::{Bench, checksum};
pub use child::Child;
pub use gate::{Gate, pass_gate};

/// What a variant returns: any error ends the run, and its errno is reported to the harness.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One way of doing the work of a scenario.
pub type Variant = fn(&Bench) -> Result;

/// Runs the variant that the arguments name: the whole `main` of a scenario.
///
/// `scenario` is the text of scenario.toml. Without arguments from the harness the sizes are those
/// of `[sizes.smoke]`, so that a scenario started by hand can't exhaust the machine.
pub fn run(scenario: &str, variants: &[(&str, Variant)]) -> ExitCode {
    let args = match args::parse(scenario, variants, std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => return ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let bench = Bench::new(args.sizes, args.seed, args.shm, args.disk);
    match (args.variant)(&bench) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            bench.report_failure(error.as_ref());
            eprintln!("{}: {}", args.name, chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
