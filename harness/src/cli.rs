//! The command line: arguments -> one call -> exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use serde_json::json;

use crate::catalog::{Catalog, Scenario};
use crate::claim::{Status, Verdict, judge, overall};
use crate::live::{Live, View};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::plan::{Refusal, Request, plan};
use crate::record::Record;
use crate::report::{PICTURE, figure, report};
use crate::screen::{Screen, print};
use crate::store::{self, Store};
use crate::{chart, program, run, sandbox};

/// Breaks memory for real, shows the curve, explains it, and fixes it.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    after_help = "\
Examples:
  lab run 1                       scenario 1: broken, then every fix, side by side
  lab run slice-dup broken fixed  only these two variants
  lab run 1 --size smoke          smaller and faster
  lab show 1                      the latest run of scenario 1 again, without running it

Exit codes:
  0  every claim holds
  1  a claim fails
  2  this machine can not show it (UNKNOWN, with the reason)
  3  lab could not do its work, or was used wrongly
  130  interrupted"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the scenarios, with their variants and sizes
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a scenario: each variant in a world of its own, with its curve, and the claims judged
    Run(RunArgs),
    /// Judge and draw a run again from its records, running nothing
    Show {
        /// A scenario (its latest run), a folder of records or one record; else the latest run of all
        what: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
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
}

fn assignment(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("it must look like array_mib=64")?;
    let value = value.parse().map_err(|_| format!("'{value}' is not a whole number of at least 1"))?;
    Ok((name.to_owned(), value))
}

/// The whole program, from its arguments to its exit code.
pub fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let role = match words.get(1).map(String::as_str) {
        Some(sandbox::KEEPER) => Some(sandbox::keeper::run as fn(&sandbox::World) -> Result<()>),
        Some(sandbox::INIT) => Some(sandbox::init::run as fn(&sandbox::World) -> Result<()>),
        _ => None,
    };
    let result = match role {
        Some(role) => words
            .get(2)
            .context("a role without a world")
            .and_then(|world| Ok(serde_json::from_str(world)?))
            .and_then(|world| role(&world))
            .map(|()| ExitCode::SUCCESS),
        None => match Cli::try_parse() {
            Ok(cli) => command(cli.command),
            Err(error) => {
                let _ = error.print();
                // Help and version are no misuse.
                return if error.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS };
            }
        },
    };
    result.unwrap_or_else(|error| {
        eprintln!("lab: {error:#}");
        ExitCode::from(3)
    })
}

fn command(command: Command) -> Result<ExitCode> {
    let root = store::root()?;
    match command {
        Command::List { json } => list(&Catalog::load(&root)?, json),
        Command::Run(args) => return run_scenario(&root, &args),
        Command::Show { what, json } => return show(&root, what.as_deref(), json),
        Command::Doctor { json } => doctor(json),
        Command::Clean => clean(&root)?,
        Command::Bundle { folder } => {
            program::bundle(&root, &Catalog::load(&root)?, &folder)?;
            print(&format!("{} is ready: cd {0} && ./lab run 1\n", folder.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(catalog: &Catalog, json: bool) {
    if json {
        let scenarios = catalog.scenarios().iter().map(|scenario| {
            let variants: Vec<&String> = scenario.variants.iter().map(|variant| &variant.name).collect();
            json!({ "number": scenario.number, "slug": scenario.slug, "title": scenario.title,
                    "lesson": scenario.lesson, "variants": variants, "sizes": scenario.sizes })
        });
        return print(&format!("{:#}\n", json!(scenarios.collect::<Vec<_>>())));
    }
    let screen = Screen::detect();
    for scenario in catalog.scenarios() {
        print(&format!("{:>2}  {}  {}\n", scenario.number, screen.bold(&scenario.slug), scenario.title));
        for variant in &scenario.variants {
            print(&format!("      {:<14} {}\n", variant.name, variant.title));
        }
        let sizes: Vec<&str> = scenario.sizes.keys().map(String::as_str).collect();
        print(&format!("      sizes: {}\n", sizes.join(", ")));
    }
}

fn run_scenario(root: &std::path::Path, args: &RunArgs) -> Result<ExitCode> {
    let catalog = Catalog::load(root)?;
    let scenario = catalog.find(&args.scenario)?;
    let store = Store::open(root)?;
    sandbox::sweep(&store.disk());
    let machine = Machine::probe();
    let request = Request {
        variants: args.variants.clone(),
        size: args.size.clone(),
        set: args.set.clone(),
        seed: args.seed,
    };
    let plan = match plan(scenario, &request, &machine, store.folder()) {
        Ok(plan) => plan,
        Err(Refusal::NotHere(why)) => {
            eprintln!("lab: UNKNOWN on this machine: {why}.");
            return Ok(ExitCode::from(2));
        }
        Err(Refusal::BadRequest(why)) => anyhow::bail!(why),
    };
    let signals = run::signals()?;
    let program = match program::find(root, &scenario.slug) {
        Err(_) if signals.read_signal()?.is_some() => return Ok(INTERRUPTED.into()),
        found => found?,
    };
    let folder = store.begin(&scenario.slug)?;
    let screen = Screen::detect();
    let view = match screen.moves {
        _ if args.json => View::Nothing,
        true if !args.no_live => View::Curve,
        _ => View::Lines,
    };
    if !args.json {
        print(&heading(scenario, &plan, &screen));
    }
    let mut live = Live::new(scenario, screen, view);
    let disk = store.disk();
    let place = run::Place { program: &program, disk: &disk, folder: &folder };
    let records = run::run(scenario, &plan, &machine, &place, &mut live, &signals)?;
    if records.iter().any(|record| record.outcome() == Outcome::Interrupted) {
        eprintln!("lab: interrupted; nothing is left behind. What was recorded: {}", folder.display());
        return Ok(INTERRUPTED.into());
    }
    conclude(scenario, &records, &folder, args.json, &screen)
}

/// The shell's code for a program that SIGINT ended.
const INTERRUPTED: u8 = 130;

fn show(root: &std::path::Path, what: Option<&str>, json: bool) -> Result<ExitCode> {
    let catalog = Catalog::load(root)?;
    let store = Store::open(root)?;
    let path = match what {
        None => store.latest(None)?,
        Some(path) if std::path::Path::new(path).exists() => PathBuf::from(path),
        Some(path) if path.contains(['/', '.']) => anyhow::bail!("there is no record or folder {path}"),
        Some(name) => store.latest(Some(&catalog.find(name)?.slug))?,
    };
    let (folder, records) = store::records(&path)?;
    let scenario = catalog.find(&records[0].header.scenario)?;
    let records = in_order(scenario, records);
    conclude(scenario, &records, &folder, json, &Screen::detect())
}

/// Records in the order of their variants in scenario.toml, as a run makes them.
fn in_order(scenario: &Scenario, mut records: Vec<Record>) -> Vec<Record> {
    let place =
        |record: &Record| scenario.variants.iter().position(|variant| variant.name == record.header.variant);
    records.sort_by_key(|record| place(record).unwrap_or(usize::MAX));
    records
}

/// Judges the records, draws them, and says what came of it.
fn conclude(
    scenario: &Scenario,
    records: &[Record],
    folder: &std::path::Path,
    json: bool,
    screen: &Screen,
) -> Result<ExitCode> {
    let verdicts = judge(scenario, records);
    let status = overall(&verdicts);
    let picture = folder.join(PICTURE);
    // A picture that can not be written (a read-only folder of records) is no reason to say nothing.
    if let Err(error) = std::fs::write(&picture, chart::svg::draw(&figure(scenario, records), &scenario.slug))
    {
        eprintln!("lab: {}: {error}", picture.display());
    }
    if json {
        print(&format!("{:#}\n", as_json(scenario, records, &verdicts, folder, &status)));
    } else {
        print(&report(scenario, records, &verdicts, folder, screen));
    }
    Ok(status.exit_code().into())
}

fn as_json(
    scenario: &Scenario,
    records: &[Record],
    verdicts: &[Verdict],
    folder: &std::path::Path,
    status: &Status,
) -> serde_json::Value {
    let word = |status: &Status| match status {
        Status::Holds => "holds",
        Status::Fails => "fails",
        Status::Unknown(_) => "unknown",
    };
    let runs = records.iter().map(|record| {
        let facts = record.trailer.as_ref().map(|trailer| trailer.facts.clone()).unwrap_or_default();
        let peaks: std::collections::BTreeMap<&String, Option<u64>> =
            record.header.metrics.keys().map(|metric| (metric, record.peak(metric))).collect();
        json!({ "variant": record.header.variant, "outcome": record.outcome(), "facts": facts,
                "peaks": peaks, "seconds": record.duration() as f64 / 1e6 })
    });
    let judged = verdicts.iter().map(|verdict| {
        let why = match &verdict.status {
            Status::Unknown(why) => Some(why),
            _ => None,
        };
        json!({ "claim": verdict.claim, "variant": verdict.variant, "status": word(&verdict.status), "why": why,
                "measured": verdict.measured, "bound": verdict.bound, "says": verdict.says,
                "measured_text": verdict.measured_text, "bound_text": verdict.bound_text,
                "post": verdict.post, "hint": verdict.hint })
    });
    let header = &records[0].header;
    json!({ "scenario": scenario.slug, "status": word(status), "size": header.size, "sizes": header.sizes,
            "seed": header.seed, "confinement": header.confinement, "machine": header.machine,
            "folder": folder, "runs": runs.collect::<Vec<_>>(), "verdicts": judged.collect::<Vec<_>>() })
}

fn heading(scenario: &Scenario, plan: &crate::plan::Plan, screen: &Screen) -> String {
    let sizes: Vec<String> = plan.sizes.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let mut text = format!("{}\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
    text.push_str(
        &screen.wrapped("", &format!("Sizes ({}): {}; seed {}.", plan.size, sizes.join(", "), plan.seed)),
    );
    text.push_str(&screen.wrapped("", &format!("Confined by: {}.", plan.runs[0].confinement.join("; "))));
    for note in &plan.notes {
        text.push_str(&screen.wrapped("", &format!("Note: {note}")));
    }
    text.push('\n');
    text
}

fn doctor(json: bool) {
    let machine = Machine::probe();
    let findings = machine.findings();
    if json {
        return print(&format!("{:#}\n", json!({ "machine": machine.stamp, "findings": findings })));
    }
    let screen = Screen::detect();
    for finding in findings {
        let indent = " ".repeat(14);
        let found = screen.wrapped(&indent, &finding.found);
        let pad = " ".repeat(indent.len() - finding.probe.len());
        print(&format!("{}{pad}{}", screen.bold(finding.probe), found.trim_start()));
        if let Some(advice) = finding.advice {
            print(&screen.wrapped(&indent, &format!("To get it: {advice}")));
        }
    }
}

fn clean(root: &std::path::Path) -> Result<()> {
    let store = Store::open(root)?;
    for left in sandbox::sweep(&store.disk()) {
        print(&format!("removed what a killed run had left: {}\n", left.display()));
    }
    std::fs::remove_dir_all(store.folder()).with_context(|| store.folder().display().to_string())?;
    print(&format!("removed all records: {}\n", store.folder().display()));
    Ok(())
}
