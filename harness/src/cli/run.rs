//! The commands that run a scenario: their arguments, and the call that they come to.

use anyhow::Result;

use super::keep;
use crate::cmd;
use crate::cmd::run::Form;
use crate::workbench::plan::Request;

/// The arguments of `lab run`.
#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The scenario: its name, or its number
    scenario: String,
    #[command(flatten)]
    how: How,
}

/// The arguments of `lab peer`.
#[derive(Debug, clap::Args)]
pub(super) struct PeerArgs {
    /// The scenario: its name, or its number; with --prepare, none for all
    #[arg(required_unless_present = "prepare")]
    scenario: Option<String>,
    #[command(flatten)]
    how: How,
    /// Only make the environments of Python, and print where each one's Python is
    #[arg(long)]
    prepare: bool,
}

/// What is run, how large, and what becomes of it.
#[derive(Debug, clap::Args)]
struct How {
    /// The variants; without any, the broken ones and every fix
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

impl RunArgs {
    pub(super) fn run(self) -> Result<u8> {
        let (form, keep) = (self.how.form(), keep(self.how.reference));
        cmd::run::run(&self.scenario, &self.how.request(), form, keep)
    }
}

impl PeerArgs {
    pub(super) fn run(self) -> Result<u8> {
        let (form, keep) = (self.how.form(), keep(self.how.reference));
        match self.scenario {
            Some(scenario) if !self.prepare => cmd::peer::peer(&scenario, &self.how.request(), form, keep),
            scenario => cmd::peer::prepare(scenario.as_deref()),
        }
    }
}

impl How {
    fn request(self) -> Request {
        let How { variants, size, set, seed, .. } = self;
        Request { variants, size, set, seed }
    }

    fn form(&self) -> Form {
        match (self.json, self.no_live) {
            (true, _) => Form::Json,
            (_, true) => Form::Lines,
            _ => Form::Live,
        }
    }
}

fn assignment(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("it must look like array_mib=64")?;
    let value = value.parse().map_err(|_| format!("'{value}' is not a whole number of at least 1"))?;
    Ok((name.to_owned(), value))
}
