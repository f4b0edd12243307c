//! The state of a learner's machine before the day: what it can do, and which scenarios it can run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{cut, short};
use crate::scenario::Catalog;
use crate::workbench::program::{cargo_path, no_cargo};
use crate::workbench::{Plan, Request, Stop, Workbench};

/// The version of the format.
const SCHEMA: u32 = 1;

/// The key that no other file has.
const MARK: &str = "doctor";

/// The size that people run.
const SIZE: &str = "lab";

/// What `lab doctor --export` writes, and `lab class` reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// The version of the format.
    doctor: u32,
    lab: String,
    /// The name of the file.
    #[serde(default)]
    pub(crate) name: String,
    /// The machine, as it's stamped on records.
    pub(crate) machine: BTreeMap<String, String>,
    /// What `lab doctor` prints.
    pub(crate) findings: Vec<Found>,
    /// Why exercises can't be compiled, if so.
    pub(crate) no_exercises: Option<String>,
    /// Whether each scenario runs.
    pub(crate) scenarios: BTreeMap<String, Runs>,
}

/// A line of `lab doctor`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) probe: String,
    pub(crate) found: String,
    pub(crate) advice: Option<String>,
}

/// Whether a scenario runs on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "runs", content = "why", rename_all = "kebab-case")]
pub(crate) enum Runs {
    /// All of it.
    Whole,
    /// All of it, at smaller sizes.
    Smaller(String),
    /// Without the variants that need what isn't there.
    Part(String),
    /// Nothing of it.
    Not(String),
}

impl State {
    /// The state of this machine.
    pub(crate) fn here(workbench: &Workbench, findings: Vec<Found>) -> Self {
        let scenarios = workbench.catalog.scenarios().iter();
        let runs = |plan: Result<Plan, Stop>| match plan {
            Err(stop) => Runs::Not(stop.to_string()),
            Ok(plan) => {
                match plan.runs.iter().find_map(|run| Some((&run.variant.name, run.lack.as_ref()?))) {
                    Some((variant, lack)) => Runs::Part(format!("{variant}: {lack}")),
                    None if plan.notes.is_empty() => Runs::Whole,
                    None => Runs::Smaller(plan.notes.join(" ")),
                }
            }
        };
        let runs = scenarios
            .map(|scenario| (scenario.slug.clone(), runs(workbench.plan(&Request::new(scenario, SIZE)))));
        State {
            doctor: SCHEMA,
            lab: env!("CARGO_PKG_VERSION").to_owned(),
            name: String::new(),
            machine: workbench.machine.stamp.clone(),
            findings,
            no_exercises: compiles(&workbench.root).err(),
            scenarios: runs.collect(),
        }
    }

    /// Reads the state of another machine, if the text is one. Only what this workbook knows is kept.
    ///
    /// # Errors
    ///
    /// When it's one that can't be read.
    pub(super) fn read(catalog: &Catalog, text: &str, file: &str) -> Result<Option<Self>> {
        let value: Value = serde_json::from_str(text)?;
        if value.get(MARK).is_none() {
            return Ok(None);
        }
        let mut state = State::deserialize(value)?;
        if state.doctor > SCHEMA {
            bail!("it has format {}, and this lab reads formats up to {SCHEMA}", state.doctor);
        }
        state.name = cut(file);
        state.scenarios.retain(|slug, _| catalog.find(slug).is_ok());
        for why in state.scenarios.values_mut().filter_map(Runs::why_mut).chain(&mut state.no_exercises) {
            *why = short(why);
        }
        for value in state.machine.values_mut() {
            *value = short(value);
        }
        Ok(Some(state))
    }
}

impl Runs {
    /// Why not all of it, if so.
    pub(crate) fn why(&self) -> Option<&str> {
        match self {
            Runs::Whole => None,
            Runs::Smaller(why) | Runs::Part(why) | Runs::Not(why) => Some(why),
        }
    }

    fn why_mut(&mut self) -> Option<&mut String> {
        match self {
            Runs::Whole => None,
            Runs::Smaller(why) | Runs::Part(why) | Runs::Not(why) => Some(why),
        }
    }
}

/// Whether exercises can be compiled here without a network.
fn compiles(root: &Path) -> Result<(), String> {
    if !root.join("Cargo.toml").is_file() {
        return Err("it's a bundle without sources".to_owned());
    }
    let works = |program: &Path, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).current_dir(root).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().map(|status| status.success())
    };
    // It reads the manifest of each crate, and builds nothing.
    match works(&cargo_path(), &["metadata", "--offline", "--locked", "--format-version", "1"]) {
        Err(_) => return Err(no_cargo()),
        Ok(false) => return Err("crates are missing: type `cargo fetch` with a network".to_owned()),
        Ok(true) => {}
    }
    match works(Path::new("cc"), &["--version"]) {
        Ok(true) => Ok(()),
        _ => Err("there is no C compiler to link with: cc".to_owned()),
    }
}
