//! What the recorder sees, misses and costs, next to others: `cargo bench -p lab --bench recorder`.
//!
//! Each part of it has a separate table, and a separate file here:
//!
//! - [`spikes`]: how many of 20 spikes are seen with the right height.
//! - [`burden`]: what a program that lives on its memory loses while it is recorded.
//! - [`steady`]: what a program that changes nothing is charged.
//! - [`family`]: what is said of pages that five processes share.
//! - [`storm`]: how many of 500 children are seen that live for a moment.
//! - [`crowd`]: how many samples are kept with 1,000 processes in the tree.
//! - [`hour`]: what an hour at 1 kHz and a day at the defaults take to hold, to load and to draw.
//!
//! All recorders run in the same run of this program, by turns, and in another order in each round. So
//! a slow moment of the machine falls on all of them. The numbers are medians of the rounds, with the
//! lowest and the highest. They are no tests: read the ratios, and let the machine be quiet.
//!
//! The program that is recorded is this one, in another role ([`watched`]). `lab` is compiled as it is to
//! be taken home, which is what `[profile.bench]` of Cargo.toml says. The recorders of Python come into an
//! environment of their own below `target`, from `requirements.txt`; if that can't be made, the
//! reason is printed, and their rows are missing.
//!
//! ```text
//! cargo bench -p lab --bench recorder -- [--rounds N] [--only PART]... [--reference]
//! ```
//!
//! `--reference` keeps the tables in `harness/results/recorder.json`, from which the book has them. It
//! takes under 1 GiB of memory and some minutes.

mod burden;
mod crowd;
mod family;
mod hour;
mod recorder;
mod seen;
mod spikes;
#[path = "../spread.rs"]
mod spread;
mod steady;
mod storm;
mod table;
mod watched;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::recorder::{Bench, Group, Recorder};
use crate::table::{Kept, Table};

/// A part: its name, and how its table is made in so many rounds.
type Part = (&'static str, fn(&Bench, usize) -> Result<Table>);

const PARTS: [Part; 7] = [
    ("spikes", spikes::table),
    ("burden", burden::table),
    ("steady", steady::table),
    ("family", family::table),
    ("storm", storm::table),
    ("crowd", crowd::table),
    ("hour", hour::table),
];

/// The fewest rounds: below that, a lowest and a highest say nothing.
const ROUNDS: usize = 3;

/// The result that is committed, in the repository.
const REFERENCE: &str = "harness/results/recorder.json";

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = ROUNDS)]
    rounds: usize,
    #[arg(long)]
    only: Vec<String>,
    #[arg(long)]
    reference: bool,
    /// Cargo calls every bench with it.
    #[arg(long = "bench")]
    _bench: bool,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    let done = if words.next_if(|word| word == watched::ROLE).is_some() {
        watched::play(&words.collect::<Vec<_>>())
    } else if words.any(|word| word == "--bench") {
        bench(&Args::parse())
    } else {
        // `cargo test --all-targets` runs each bench once, without this argument.
        Ok(())
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recorder: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(args: &Args) -> Result<()> {
    let rounds = args.rounds.max(ROUNDS);
    let bench = Bench::new()?;
    let lab = Recorder::Lab { millis: 10, group: Group::Own };
    let (seen, _) = bench.run::<u64>(lab, &["brief"])?;
    let header = seen.record.context("lab writes a record")?.header;
    let mut kept = Kept::new(header, bench.versions().clone(), rounds);
    println!("{kept}");
    for (name, part) in PARTS {
        if args.only.is_empty() || args.only.iter().any(|only| only == name) {
            let table = part(&bench, rounds).context(name)?;
            println!("{table}");
            kept.tables.insert(name, table);
        }
    }
    if args.reference {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(REFERENCE);
        fs::create_dir_all(path.parent().context("it is in a folder")?)?;
        fs::write(&path, serde_json::to_string_pretty(&kept)? + "\n")
            .with_context(|| path.display().to_string())?;
        println!("kept in {REFERENCE}");
    }
    Ok(())
}
