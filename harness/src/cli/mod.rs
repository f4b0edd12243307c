//! The command line: arguments -> one verb -> exit code.
//!
//! Each verb is a file: its arguments, which `--help` describes, and what it does. To add one, write
//! the file, and name it here in the list of modules and in that of verbs.

#[cfg(feature = "workbook")]
mod all;
#[cfg(feature = "workbook")]
mod args;
#[cfg(feature = "workbook")]
mod bundle;
#[cfg(feature = "workbook")]
mod check;
#[cfg(feature = "workbook")]
mod class;
mod clean;
mod compare;
mod diagnose;
mod doctor;
#[cfg(feature = "workbook")]
mod exercise;
mod gather;
#[cfg(feature = "workbook")]
mod hand_in;
#[cfg(feature = "workbook")]
mod hint;
#[cfg(feature = "workbook")]
mod instead;
#[cfg(feature = "workbook")]
mod list;
mod ls;
#[cfg(feature = "workbook")]
mod mystery;
#[cfg(feature = "workbook")]
mod peer;
#[cfg(feature = "workbook")]
mod predict;
#[cfg(feature = "workbook")]
mod progress;
mod record;
#[cfg(feature = "workbook")]
mod reset;
mod roles;
#[cfg(feature = "workbook")]
mod run;
mod show;
#[cfg(feature = "workbook")]
mod show_run;
#[cfg(feature = "workbook")]
mod soak;
#[cfg(feature = "workbook")]
mod sweep;
mod trial;
#[cfg(feature = "workbook")]
mod watch;

use std::process::ExitCode;
use std::thread;

use anyhow::Result;
use clap::{CommandFactory, Parser};

use crate::name::{MISUSE, filled, program};
use crate::screen;

/// What `--help` says of the whole program.
#[cfg(feature = "workbook")]
mod help {
    pub(super) const ABOUT: &str = "Breaks memory for real, shows the curve, explains it, and fixes it";
    pub(super) const AFTER: &str = "\
Examples:
  {lab} run 1                       scenario 1: broken, then every fix, side by side
  {lab} run 1 broken fixed          only these two variants
  {lab} run 1 --size smoke          smaller and faster
  {lab} sweep 1                     one size at several values, and the law that comes out
  {lab} peer 1                      the same with the real Python library, next to ours
  {lab} show 1                      the latest run of scenario 1 again, without running it
  {lab} exercise 1                  something to fix; then {lab} check 1, {lab} hint 1
  {lab} record -- python train.py   any command: its curve, its true peak, and why it ended

Exit codes:
  0  every claim holds
  1  a claim fails
  2  this machine can't show it (UNKNOWN, with the reason)
  3  {lab} couldn't do its work, or was used wrongly
  130  interrupted";
}

/// The same of the recorder alone.
#[cfg(not(feature = "workbook"))]
mod help {
    pub(super) const ABOUT: &str = "Records the memory of any command, and says why it ended";
    pub(super) const AFTER: &str = "\
Examples:
  {lab} record -- python train.py   any command: its curve, its true peak, and why it ended
  {lab} ls                          the recorded commands; the latest is -1
  {lab} show -1                     the latest again, without running it
  {lab} diagnose -1                 which failure it shows, and why
  {lab} compare -1 -2               two of them on one set of axes
  {lab} gather run-*.jsonl          all ranks of a job as one picture

Exit codes:
  those of the command, of record
  3  {lab} couldn't do its work, or was used wrongly; of record, 125
  130  interrupted";
}

/// The arguments of the whole program.
#[derive(Debug, Parser)]
#[command(name = program(), version, about = help::ABOUT, after_help = filled(help::AFTER))]
struct Cli {
    /// Print plain sentences without pictures, tables or colours, for screen readers (or set LAB_PLAIN)
    #[arg(long, global = true)]
    plain: bool,
    #[command(subcommand)]
    verb: Verb,
}

/// Makes the enum of all verbs, each with the arguments of its module.
macro_rules! verbs {
    ($($Verb:ident($module:ident)),* $(,)?) => {
        #[derive(Debug, clap::Subcommand)]
        enum Verb { $($Verb(Box<$module::Args>)),* }

        impl Verb {
            fn run(self) -> Result<u8> {
                match self { $(Verb::$Verb(args) => args.run()),* }
            }
        }
    };
}

// In the order of `lab --help`.
#[cfg(feature = "workbook")]
verbs! {
    List(list),
    Run(run),
    All(all),
    Soak(soak),
    Sweep(sweep),
    Peer(peer),
    Show(show),
    Record(record),
    Diagnose(diagnose),
    Ls(ls),
    Compare(compare),
    Gather(gather),
    Predict(predict),
    Mystery(mystery),
    Exercise(exercise),
    Check(check),
    Watch(watch),
    Hint(hint),
    Reset(reset),
    Progress(progress),
    Doctor(doctor),
    Class(class),
    Clean(clean),
    Bundle(bundle),
}

#[cfg(not(feature = "workbook"))]
verbs! {
    Record(record),
    Diagnose(diagnose),
    Show(show),
    Ls(ls),
    Compare(compare),
    Gather(gather),
    Doctor(doctor),
    Clean(clean),
}

/// The whole program, from its arguments to its exit code.
pub fn main() -> ExitCode {
    // Whoever started this may have its children reaped unseen.
    labkit::sys::keep_children();
    let result = roles::run().unwrap_or_else(|| match parse() {
        Ok(cli) => {
            if cli.plain {
                screen::make_plain();
            }
            cli.verb.run()
        }
        Err(error) => Ok(refused(&error)),
    });
    ExitCode::from(result.unwrap_or_else(|error| {
        screen::say(&format!("{error:#}"));
        exit_code(&error)
    }))
}

/// All verbs and options, for the build of manual pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Reads the arguments. The list of all verbs takes more of a stack than a shell's limit may leave this one
/// (`ulimit -s`).
fn parse() -> Result<Cli, clap::Error> {
    let elsewhere = thread::Builder::new().stack_size(STACK).spawn(Cli::try_parse);
    // Where there are to be no more threads, this one has to do.
    elsewhere.map_or_else(|_| Cli::try_parse(), |thread| thread.join().expect("clap doesn't panic"))
}

/// In bytes; the build without optimization needs half of it.
const STACK: usize = 1 << 20;

/// Prints why the arguments were refused, or the help that was asked for.
fn refused(error: &clap::Error) -> u8 {
    let _ = error.print();
    match (error.use_stderr(), std::env::args_os().nth(1)) {
        (false, _) => 0,
        // Of `lab record`, all codes below 125 are the command's.
        (true, Some(verb)) if verb == "record" => record::FAILED,
        (true, _) => MISUSE,
    }
}

/// The exit code of an error that a verb returns.
fn exit_code(error: &anyhow::Error) -> u8 {
    #[cfg(feature = "workbook")]
    if let Some(stop) = error.downcast_ref::<crate::workbench::Stop>() {
        return stop.exit_code();
    }
    let _ = error;
    MISUSE
}
