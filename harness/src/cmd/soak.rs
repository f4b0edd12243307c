//! `lab soak`: runs a scenario again and again, and counts how often each claim holds.

use std::fmt::Write;
use std::fs;

use anyhow::Result;

use super::run::Keep;
use super::{Done, Lab, interrupted, not_here};
use crate::judge::judge;
use crate::model::verdict::{Status, Verdict};
use crate::reference;
use crate::report::live::View;
use crate::screen::{Screen, print};
use crate::workbench::plan::Request;

/// How often a claim held on a variant, of how many runs in which it could be seen.
#[derive(Debug)]
struct Rate {
    claim: String,
    variant: String,
    holds: u32,
    seen: u32,
    unknown: u32,
}

/// After how many runs a line tells how far it is.
const PROGRESS: u32 = 10;

/// Runs the scenario `runs` times; the exit code is 1 where a claim failed even once.
pub(crate) fn soak(name: &str, request: &Request, runs: u32, keep: Keep) -> Result<u8> {
    let lab = Lab::open()?;
    let scenario = lab.catalog.find(name)?;
    let screen = Screen::detect();
    let mut rates: Vec<Rate> = Vec::new();
    for number in 1..=runs {
        let (records, folder) = match lab.run(scenario, request, screen, View::Nothing)? {
            Done::Ran(records, folder) => (records, folder),
            Done::NotHere(why) => return Ok(not_here(why)),
            Done::Interrupted(folder) => return Ok(interrupted(folder)),
        };
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
            // Hundreds of runs that taught nothing new would only fill the disk.
            None => fs::remove_dir_all(&folder)?,
        }
        if number % PROGRESS == 0 && number < runs {
            print(&format!("{number} of {runs} runs\n"));
        }
    }
    let stamp = &lab.machine.stamp;
    let machine = ["kernel", "arch", "processors", "memory_limit", "user"].map(|name| stamp[name].as_str());
    let told = format!("{runs} runs at size {} on {}\n\n{}", request.size, machine.join(", "), table(&rates));
    print(&told);
    let failed = rates.iter().any(|rate| rate.holds < rate.seen);
    if keep == Keep::Reference && !failed {
        reference::keep_rates(scenario, &told)?;
    }
    Ok(if failed { Status::Fails.exit_code() } else { 0 })
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
        let told = claim.iter().map(|Rate { variant, holds, seen, unknown, .. }| match (seen, unknown) {
            (0, _) => format!("{variant} UNKNOWN"),
            (_, 0) => format!("{variant} {holds}/{seen}"),
            _ => format!("{variant} {holds}/{seen} and {unknown} UNKNOWN"),
        });
        let told = told.collect::<Vec<_>>().join(", ");
        writeln!(text, "{}: {told}", claim[0].claim).expect("a string takes all text");
    }
    text
}
