//! `lab doctor`: what this machine can do, and how to get more.

use anyhow::Result;
use serde_json::json;

use super::run::Form;
use crate::host::{Finding, Machine};
use crate::screen::{Screen, print};

/// Looks at the machine and says what it found.
pub(crate) fn doctor(form: Form) -> Result<u8> {
    let machine = Machine::probe();
    let findings = machine.findings();
    if form == Form::Json {
        print(&format!("{:#}\n", json!({ "machine": machine.stamp, "findings": findings })));
        return Ok(0);
    }
    let screen = Screen::detect();
    findings.iter().for_each(|finding| print(&told(finding, &screen)));
    Ok(0)
}

fn told(finding: &Finding, screen: &Screen) -> String {
    let indent = " ".repeat(16);
    let pad = " ".repeat(indent.len() - finding.probe.len());
    let found = screen.wrapped(&indent, &finding.found);
    let mut text = format!("{}{pad}{}", screen.bold(finding.probe), found.trim_start());
    if let Some(advice) = &finding.advice {
        text.push_str(&screen.wrapped(&indent, &format!("To get it: {advice}")));
    }
    text
}
