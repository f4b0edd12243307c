//! The command line: arguments -> one call -> exit code.

mod learner;
mod record;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::classroom::bundle::Sources;
use crate::cmd;
use crate::cmd::run::{Form, Keep};
use crate::report::export::Exports;
use crate::workbench::plan::Request;
use crate::{sandbox, screen};
use learner::Learner;
use record::Recorder;
use run::{PeerArgs, RunArgs};

/// Breaks memory for real, shows the curve, explains it, and fixes it.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    after_help = "\
Examples:
  lab run 1                       scenario 1: broken, then every fix, side by side
  lab run 1 broken fixed          only these two variants
  lab run 1 --size smoke          smaller and faster
  lab sweep 1                     one size at several values, and the law that comes out
  lab peer 1                      the same with the real Python library, beside ours
  lab show 1                      the latest run of scenario 1 again, without running it
  lab exercise 1                  something to mend; then lab check 1, lab hint 1
  lab record -- python train.py   any command: its curve, its true peak, and why it ended

Exit codes:
  0  every claim holds
  1  a claim fails
  2  this machine can not show it (UNKNOWN, with the reason)
  3  lab could not do its work, or was used wrongly
  130  interrupted"
)]
struct Cli {
    /// Print plain sentences: no picture, no table, no colour, as for a screen reader (or set LAB_PLAIN)
    #[arg(long, global = true)]
    plain: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the scenarios, with their variants, sizes and sweeps
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a scenario: each variant in a sandbox of its own, with its curve, and the claims judged
    Run(RunArgs),
    /// Run every scenario, and print one table of each
    All {
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
    },
    /// Run a scenario again and again, and count how often each claim holds
    Soak {
        /// The scenario: its name, or its number
        scenario: String,
        /// How often
        #[arg(long, default_value_t = 20)]
        runs: u32,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "smoke")]
        size: String,
        /// Make the rates a part of the scenario's recorded results, if no claim failed
        #[arg(long)]
        reference: bool,
    },
    /// Run a scenario at several values of one size, and draw what comes of it
    Sweep {
        /// The scenario: its name, or its number
        scenario: String,
        /// The sweep; without one, all that the scenario has
        sweep: Option<String>,
        /// Make the records a part of the scenario's recorded results, if the law holds everywhere
        #[arg(long)]
        reference: bool,
    },
    /// Run a scenario with the real Python libraries, beside ours
    Peer(PeerArgs),
    /// Judge and draw a run again from its records, running nothing
    Show {
        /// A scenario (its latest run), a folder of records or one record, or a recorded command (-1 is the
        /// latest); else the latest run of all
        #[arg(allow_negative_numbers = true)]
        what: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        exports: Exports,
    },
    #[command(flatten)]
    Recorder(Recorder),
    #[command(flatten)]
    Learner(Learner),
    /// Tell what this machine can do, what will be used, and how to get more
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make one page of what a room has handed in: who passed what, all curves, and the guesses
    Class {
        /// The folder with the files that `lab progress --export` has written
        folder: PathBuf,
    },
    /// Delete all records, and whatever a killed run has left on this machine
    Clean,
    /// Make a folder or an archive with lab, every scenario and the book, for where there is no Rust
    Bundle {
        /// A new folder; or a new archive, if it ends with .tar or .tar.gz
        path: PathBuf,
        /// Put the sources in, and those of all crates, so that exercises compile without a network
        #[arg(long)]
        vendor: bool,
    },
}

/// The whole program, from its arguments to its exit code.
pub fn main() -> ExitCode {
    // Whoever started this may have its children reaped unseen.
    labkit::sys::keep_children();
    let verb = std::env::args_os().nth(1);
    let verb = verb.as_ref().and_then(|verb| verb.to_str());
    let code = match verb {
        Some(sandbox::SUPERVISOR) => sandbox::supervisor::run().map(|()| 0),
        Some(sandbox::INIT) => sandbox::init::run().map(|()| 0),
        _ => match Cli::try_parse() {
            Ok(cli) => {
                if cli.plain {
                    screen::make_plain();
                }
                command(cli.command)
            }
            Err(error) => {
                let _ = error.print();
                // Help and version are no misuse. Of `lab record`, all codes below 125 are the command's.
                Ok(match (error.use_stderr(), verb) {
                    (false, _) => 0,
                    (true, Some("record")) => cmd::record::FAILED,
                    (true, _) => MISUSE,
                })
            }
        },
    };
    let code = code.unwrap_or_else(|error| {
        eprintln!("lab: {error:#}");
        MISUSE
    });
    ExitCode::from(code)
}

/// The exit code where lab could not do its work, or was used wrongly.
const MISUSE: u8 = 3;

fn command(command: Command) -> Result<u8> {
    let form = |json| if json { Form::Json } else { Form::Lines };
    match command {
        Command::List { json } => cmd::list::list(form(json)),
        Command::Run(args) => args.run(),
        Command::All { size } => cmd::all::all(&request(size)),
        Command::Soak { scenario, runs, size, reference } => {
            cmd::soak::soak(&scenario, &request(size), runs, keep(reference))
        }
        Command::Sweep { scenario, sweep, reference } => {
            cmd::sweep::sweep(&scenario, sweep.as_deref(), keep(reference))
        }
        Command::Peer(args) => args.run(),
        Command::Show { what, json, exports } => cmd::show::show(what.as_deref(), form(json), &exports),
        Command::Recorder(command) => record::run(command),
        Command::Learner(command) => learner::run(command),
        Command::Doctor { json } => cmd::doctor::doctor(form(json)),
        Command::Class { folder } => cmd::class::class(&folder),
        Command::Clean => cmd::clean::clean(),
        Command::Bundle { path, vendor } => {
            cmd::bundle::bundle(&path, if vendor { Sources::Vendored } else { Sources::Left })
        }
    }
}

fn keep(reference: bool) -> Keep {
    if reference { Keep::Reference } else { Keep::Store }
}

/// A request for all that a scenario shows, at this size.
fn request(size: String) -> Request {
    Request { variants: Vec::new(), size, set: Vec::new(), seed: None }
}
