//! `lab doctor`: what this machine can do, and how to get more.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::classroom::machine::{Found, State};
use crate::host::Machine;
use crate::host::doctor::{Finding, Recording, findings};
use crate::learn::export::write_new;
use crate::recorder;
use crate::sandbox::{Namespaces, Running, Spec, cgroup};
use crate::screen::{Screen, print};
use crate::workbench::Workbench;

/// Show what this machine can do, what will be used, and how to get more
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write it into a new file, with the scenarios that this machine can run, to be handed in before a course
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    export: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let machine = Machine::probe();
        let recording = Recording {
            resets_group_peaks: resets_group_peaks(&machine),
            counts_children: recorder::counts_processes(),
        };
        let findings = findings(&machine, &recording);
        if let Some(path) = &self.export {
            let workbench = Workbench::open()?;
            let state = State::here(&workbench, findings.iter().map(found).collect());
            write_new(path, &(serde_json::to_string_pretty(&state)? + "\n"))?;
            print(&format!("{} is ready to be handed in\n", path.display()));
            return Ok(0);
        }
        if self.json {
            print(&format!("{:#}\n", json!({ "machine": machine.stamp, "findings": findings })));
            return Ok(0);
        }
        let screen = Screen::detect();
        findings.iter().for_each(|finding| print(&describe(finding, &screen)));
        Ok(0)
    }
}

/// A finding as it's handed in.
fn found(finding: &Finding) -> Found {
    let Finding { probe, found, advice } = finding;
    Found { probe: (*probe).to_owned(), found: found.clone(), advice: advice.map(str::to_owned) }
}

/// Found out by making a group.
fn resets_group_peaks(machine: &Machine) -> bool {
    let Ok(parent) = &machine.cgroup else { return false };
    let bounds = cgroup::Bounds { memory: None, kills_all: false };
    let spec = Spec { cgroup: Some((parent.clone(), bounds)), ..Spec::of_nothing(Namespaces::None) };
    Running::start(&spec).is_ok_and(|running| recorder::keeps_peaks(&running))
}

fn describe(finding: &Finding, screen: &Screen) -> String {
    const INDENT: usize = 16;
    let mut text = screen.item(&screen.bold(finding.probe), INDENT, &finding.found);
    if let Some(advice) = &finding.advice {
        text.push_str(&screen.item("", INDENT, &format!("To get it: {advice}")));
    }
    text
}
