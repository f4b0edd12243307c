//! `lab soak`: runs a scenario again and again, and counts how often each claim holds.

use std::fmt::Write;
use std::fs;

use anyhow::Result;

use crate::judge::judge;
use crate::model::verdict::{Status, Verdict};
use crate::reference;
use crate::screen::print;
use crate::workbench::{Ran, Request, Workbench};

/// How often a claim held on a variant, of how many runs in which it could be seen.
#[derive(Debug)]
struct Rate {
    claim: String,
    variant: String,
    holds: u32,
    seen: u32,
    unknown: u32,
}

/// After how many runs a line says how far it is.
const PROGRESS: u32 = 10;

/// Run a scenario again and again, and count how often each claim holds
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario: its name, or its number
    scenario: String,
    /// How often
    #[arg(long, default_value_t = 20)]
    runs: u32,
    /// How large: smoke, lab or post
    #[arg(long, default_value = "smoke")]
    size: String,
    /// Add the rates to the scenario's recorded results, if no claim failed
    #[arg(long)]
    reference: bool,
}

impl Args {
    /// Runs the scenario `runs` times; the exit code is 1 if a claim failed even once.
    pub(super) fn run(self) -> Result<u8> {
        let Args { runs, size, .. } = self;
        let workbench = Workbench::open()?;
        let scenario = workbench.catalog.find(&self.scenario)?;
        let request = Request::new(scenario, &size);
        let mut rates: Vec<Rate> = Vec::new();
        for number in 1..=runs {
            let Ran { records, folder } = workbench.run(&request)?;
            let verdicts = judge(scenario, &records);
            verdicts.iter().for_each(|verdict| count(&mut rates, verdict));
            match verdicts.iter().find(|verdict| verdict.status == Status::Fails) {
                Some(failed) => print(&format!(
                    "run {number}: {} fails on {}: {}; {}. See: {}\n",
                    failed.claim,
                    failed.variant,
                    failed.measured_text,
                    failed.bound_text,
                    folder.display()
                )),
                // Hundreds of runs that show nothing new would only fill the disk.
                None => fs::remove_dir_all(&folder)?,
            }
            if number % PROGRESS == 0 && number < runs {
                print(&format!("{number} of {runs} runs\n"));
            }
        }
        let stamp = &workbench.machine.stamp;
        let machine =
            ["kernel", "arch", "processors", "memory_limit", "user"].map(|name| stamp[name].as_str());
        let text = format!("{runs} runs at size {} on {}\n\n{}", size, machine.join(", "), table(&rates));
        print(&text);
        let failed = rates.iter().any(|rate| rate.holds < rate.seen);
        if self.reference && !failed {
            reference::keep_rates(scenario, &text)?;
        }
        Ok(if failed { Status::Fails.exit_code() } else { 0 })
    }
}

fn count(rates: &mut Vec<Rate>, verdict: &Verdict) {
    let (claim, variant) = (&verdict.claim, &verdict.variant);
    let known = rates.iter().position(|rate| rate.claim == *claim && rate.variant == *variant);
    let place = known.unwrap_or_else(|| {
        rates.push(Rate { claim: claim.clone(), variant: variant.clone(), holds: 0, seen: 0, unknown: 0 });
        rates.len() - 1
    });
    let rate = &mut rates[place];
    match verdict.status {
        Status::Holds => (rate.holds, rate.seen) = (rate.holds + 1, rate.seen + 1),
        Status::Fails => rate.seen += 1,
        Status::Unknown(_) => rate.unknown += 1,
    }
}

/// A line for each claim: how often it held, variant by variant.
fn table(rates: &[Rate]) -> String {
    let mut text = String::new();
    for claim in rates.chunk_by(|one, next| one.claim == next.claim) {
        let rates = claim.iter().map(|Rate { variant, holds, seen, unknown, .. }| match (seen, unknown) {
            (0, _) => format!("{variant} UNKNOWN"),
            (_, 0) => format!("{variant} {holds}/{seen}"),
            _ => format!("{variant} {holds}/{seen} and {unknown} UNKNOWN"),
        });
        let rates = rates.collect::<Vec<_>>().join(", ");
        writeln!(text, "{}: {rates}", claim[0].claim).expect("a string takes all text");
    }
    text
}
