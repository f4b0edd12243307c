//! Arguments that several verbs share.

use anyhow::Result;

use crate::learn::workspace::Workspace;
use crate::report::Format;
use crate::report::live::View;
use crate::scenario::{Catalog, Scenario};
use crate::screen::Screen;
use crate::workbench::Request;

/// The scenario to run, how large, and where its records go.
#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The variants; by default the broken ones and every fix
    variants: Vec<String>,
    /// How large: smoke (under a second), lab, or post (the original's own sizes)
    #[arg(long, default_value = "lab")]
    size: String,
    /// Set one size, such as array_mib=64; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, u64)>,
    /// Draw the random numbers from this seed, to repeat a run
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Print JSON only
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    live: LiveArgs,
    /// Keep the records as the scenario's recorded results, if every claim holds
    #[arg(long)]
    pub(super) reference: bool,
}

/// How large a learner's run is, and how it's shown.
#[derive(Debug, clap::Args)]
pub(super) struct TryArgs {
    /// How large: smoke, lab or post
    #[arg(long, default_value = "lab")]
    pub(super) size: String,
    #[command(flatten)]
    pub(super) live: LiveArgs,
}

/// How a run is shown while it goes on.
#[derive(Debug, clap::Args)]
pub(super) struct LiveArgs {
    /// Print plain lines while it runs, instead of a moving picture
    #[arg(long)]
    no_live: bool,
}

/// An exercise of a scenario.
#[derive(Debug, clap::Args)]
pub(super) struct ExerciseArgs {
    /// The scenario: its name, or its number
    scenario: String,
    /// The exercise: its name, or 1, 2 and so on; by default the first one of the scenario
    exercise: Option<String>,
}

impl RunArgs {
    /// The request for a scenario, as it's seen on this screen.
    pub(super) fn request<'a>(&self, scenario: &'a Scenario, screen: &Screen) -> Request<'a> {
        Request {
            variants: self.variants.clone(),
            set: self.set.clone(),
            seed: self.seed,
            view: if self.json { View::Nothing } else { self.live.view(screen) },
            ..Request::new(scenario, &self.size)
        }
    }

    pub(super) fn format(&self) -> Format {
        Format::of(self.json)
    }
}

impl LiveArgs {
    /// The view on this screen.
    pub(super) fn view(&self, screen: &Screen) -> View {
        if self.no_live || !screen.moves { View::Lines } else { View::Curve }
    }

    /// The same for who is to find the fix, which the title of another variant may say.
    pub(super) fn learners_view(&self, screen: &Screen) -> View {
        match self.view(screen) {
            View::Lines => View::Names,
            view => view,
        }
    }
}

impl ExerciseArgs {
    /// The workspace of the exercise, in the workbook at `root`.
    pub(super) fn workspace<'a>(
        &self,
        root: &std::path::Path,
        catalog: &'a Catalog,
    ) -> Result<Workspace<'a>> {
        Ok(Workspace::find(root, catalog.find(&self.scenario)?, self.exercise.as_deref())?)
    }
}

fn assignment(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("it must look like array_mib=64")?;
    let value = value.parse().map_err(|_| format!("'{value}' isn't a whole number of at least 1"))?;
    Ok((name.to_owned(), value))
}
