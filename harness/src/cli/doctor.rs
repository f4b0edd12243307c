//! `lab doctor`: what this machine can do, and how to get more.

use anyhow::Result;
use serde_json::json;

use crate::host::Machine;
use crate::host::doctor::{Finding, Recording, findings};
use crate::recorder;
use crate::sandbox::{Namespaces, Running, Spec, cgroup};
use crate::screen::{Screen, print};

/// Show what this machine can do, what a run will use, and how to get more
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[cfg(feature = "workbook")]
    /// Write it into a new file to hand in before a course, with the scenarios that this machine can run
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    export: Option<std::path::PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let machine = Machine::probe();
        let recording = Recording {
            resets_group_peaks: resets_group_peaks(&machine),
            counts_children: recorder::counts_processes(),
        };
        let findings = findings(&machine, &recording);
        #[cfg(feature = "workbook")]
        if let Some(path) = &self.export {
            return super::hand_in::hand_in(path, &findings);
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
