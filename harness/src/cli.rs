//! The command line: arguments -> one call -> exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::catalog::Catalog;
use crate::cmd;
use crate::cmd::run::{Form, Keep};
use crate::cmd::watch::When;
use crate::learn::hints::LEVELS;
use crate::live::View;
use crate::plan::Request;
use crate::screen::{self, print};
use crate::{program, sandbox, store};

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
  lab show 1                      the latest run of scenario 1 again, without running it
  lab exercise 1                  something to mend; then lab check 1, lab hint 1

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
    /// Run a scenario: each variant in a world of its own, with its curve, and the claims judged
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
    /// Judge and draw a run again from its records, running nothing
    Show {
        /// A scenario (its latest run), a folder of records or one record; else the latest run of all
        what: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put an exercise into my/, and say what is asked
    Exercise(Which),
    /// Build your program of an exercise, run it beside broken and fixed, and judge it
    Check {
        #[command(flatten)]
        which: Which,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
        /// Print plain lines while it runs, and no moving picture
        #[arg(long)]
        no_live: bool,
    },
    /// Check an exercise again after every save
    Watch {
        #[command(flatten)]
        which: Which,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
        /// Check after every Enter, and not after every save
        #[arg(long)]
        manual: bool,
        /// Print plain lines while it runs, and no moving picture
        #[arg(long)]
        no_live: bool,
    },
    /// Begin an exercise anew, and put your file aside
    Reset(Which),
    /// Show the next hint on an exercise; the last one is the solution
    Hint {
        #[command(flatten)]
        which: Which,
        /// Show the hint of this level
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(LEVELS)))]
        level: Option<u8>,
    },
    /// Tell what you have done
    Progress {
        /// Write it into a new file, to be handed in under its name
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
    },
    /// Ask what you expect of a scenario, run it, and draw your guess on the curve
    Predict {
        /// The scenario: its name, or its number
        scenario: String,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
        /// Print plain lines while it runs, and no moving picture
        #[arg(long)]
        no_live: bool,
    },
    /// Run a program under a neutral name, and ask what is wrong with it
    Mystery {
        /// Run the mystery of this seed: it is the same on every machine
        #[arg(long)]
        seed: Option<u64>,
        /// Answer the latest mystery, or that of the seed: a scenario, or healthy
        #[arg(long, value_name = "NAME", conflicts_with = "size")]
        answer: Option<String>,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
    },
    /// Tell what this machine can do, what will be used, and how to get more
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete all records, and whatever a killed run has left on this machine
    Clean,
    /// Make a folder with lab and every scenario ready to run, where there is no Rust
    Bundle {
        /// The folder; made if it is not there
        folder: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The scenario: its name, or its number
    scenario: String,
    /// The exercise; without it, the first one of the scenario
    exercise: Option<String>,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// The scenario: its name, or its number
    scenario: String,
    /// The variants; without any, the broken one and every fix
    variants: Vec<String>,
    /// How large: smoke (under a second), lab, or post (the original's own sizes)
    #[arg(long, default_value = "lab")]
    size: String,
    /// Set one size, such as array_mib=64; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, u64)>,
    /// Draw the random numbers from this seed, to repeat a run
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON, and nothing while it runs
    #[arg(long)]
    json: bool,
    /// Print plain lines while it runs, and no moving picture
    #[arg(long)]
    no_live: bool,
    /// Make the records the scenario's recorded results, if every claim holds
    #[arg(long)]
    reference: bool,
}

fn assignment(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("it must look like array_mib=64")?;
    let value = value.parse().map_err(|_| format!("'{value}' is not a whole number of at least 1"))?;
    Ok((name.to_owned(), value))
}

/// The whole program, from its arguments to its exit code.
pub fn main() -> ExitCode {
    // Words that are no UTF-8 are for the parser of the command line to refuse.
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let code = match words.get(1).map(String::as_str) {
        Some(sandbox::KEEPER) => world(&words).and_then(|world| sandbox::keeper::run(&world)).map(|()| 0),
        Some(sandbox::INIT) => world(&words).and_then(|world| sandbox::init::run(&world)).map(|()| 0),
        _ => match Cli::try_parse() {
            Ok(cli) => {
                if cli.plain {
                    screen::make_plain();
                }
                command(cli.command)
            }
            Err(error) => {
                let _ = error.print();
                // Help and version are no misuse.
                Ok(if error.use_stderr() { MISUSE } else { 0 })
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

/// The world that a hidden role is given.
fn world(words: &[String]) -> Result<sandbox::World> {
    let text = words.get(2).context("a role without a world")?;
    serde_json::from_str(text).context("the world of a role")
}

fn command(command: Command) -> Result<u8> {
    let form = |json| if json { Form::Json } else { Form::Lines };
    match command {
        Command::List { json } => cmd::list::list(form(json)),
        Command::Run(args) => run(&args),
        Command::All { size } => cmd::all::all(&request(size)),
        Command::Soak { scenario, runs, size, reference } => {
            cmd::soak::soak(&scenario, &request(size), runs, keep(reference))
        }
        Command::Sweep { scenario, sweep, reference } => {
            cmd::sweep::sweep(&scenario, sweep.as_deref(), keep(reference))
        }
        Command::Show { what, json } => cmd::show::show(what.as_deref(), form(json)),
        Command::Exercise(Which { scenario, exercise }) => {
            cmd::exercise::exercise(&scenario, exercise.as_deref())
        }
        Command::Check { which: Which { scenario, exercise }, size, no_live } => {
            let form = if no_live { Form::Lines } else { Form::Live };
            cmd::check::check(&scenario, exercise.as_deref(), &size, form)
        }
        Command::Watch { which: Which { scenario, exercise }, size, manual, no_live } => {
            let form = if no_live { Form::Lines } else { Form::Live };
            let when = if manual { When::Asked } else { When::Saved };
            cmd::watch::watch(&scenario, exercise.as_deref(), &size, when, form)
        }
        Command::Reset(Which { scenario, exercise }) => cmd::reset::reset(&scenario, exercise.as_deref()),
        Command::Hint { which: Which { scenario, exercise }, level } => {
            cmd::hint::hint(&scenario, exercise.as_deref(), level)
        }
        Command::Progress { export } => cmd::progress::progress(export.as_deref()),
        Command::Predict { scenario, size, no_live } => {
            let view = if no_live { View::Lines } else { View::Curve };
            cmd::predict::predict(&scenario, &size, view)
        }
        Command::Mystery { seed, answer: Some(answer), .. } => cmd::mystery::answered(seed, &answer),
        Command::Mystery { seed, answer: None, size } => cmd::mystery::mystery(seed, &size),
        Command::Doctor { json } => cmd::doctor::doctor(form(json)),
        Command::Clean => cmd::clean::clean(),
        Command::Bundle { folder } => {
            let root = store::root()?;
            program::bundle(&root, &Catalog::load(&root)?, &folder)?;
            print(&format!("{} is ready: cd {0} && ./lab run 1\n", folder.display()));
            Ok(0)
        }
    }
}

fn run(args: &RunArgs) -> Result<u8> {
    let request = Request {
        variants: args.variants.clone(),
        size: args.size.clone(),
        set: args.set.clone(),
        seed: args.seed,
    };
    let form = match (args.json, args.no_live) {
        (true, _) => Form::Json,
        (_, true) => Form::Lines,
        _ => Form::Live,
    };
    cmd::run::run(&args.scenario, &request, form, keep(args.reference))
}

fn keep(reference: bool) -> Keep {
    if reference { Keep::Reference } else { Keep::Store }
}

/// A request for all that a scenario shows, at this size.
fn request(size: String) -> Request {
    Request { variants: Vec::new(), size, set: Vec::new(), seed: None }
}
