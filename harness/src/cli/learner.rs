//! The commands of a learner.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::cmd;
use crate::cmd::run::Form;
use crate::cmd::watch::When;
use crate::learn::hints::LEVELS;
use crate::report::live::View;

#[derive(Debug, Subcommand)]
pub(super) enum Learner {
    /// Ask what you expect of a scenario, run it, and draw your guess on the curve
    Predict {
        /// The scenario: its name, or its number
        scenario: String,
        #[command(flatten)]
        runs: Runs,
    },
    /// Run a program under a neutral name, and ask what is wrong with it
    Mystery {
        /// Run the mystery of this seed, which is the same on every machine
        #[arg(long)]
        seed: Option<u64>,
        /// Answer the latest mystery, or that of the seed: a scenario, or healthy
        #[arg(long, value_name = "NAME", conflicts_with = "size")]
        answer: Option<String>,
        /// How large: smoke, lab or post
        #[arg(long, default_value = "lab")]
        size: String,
    },
    /// Put an exercise into my/, and say what is asked
    Exercise(Which),
    /// Build your program of an exercise, run it beside broken and fixed, and judge it
    Check {
        #[command(flatten)]
        which: Which,
        /// Say what is wrong with the program, or that nothing is, where an exercise asks for that
        #[arg(long, value_name = "WORD")]
        answer: Option<String>,
        #[command(flatten)]
        runs: Runs,
    },
    /// Check an exercise again after every save
    Watch {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        runs: Runs,
        /// Check after every Enter, and not after every save
        #[arg(long)]
        manual: bool,
    },
    /// Show the next hint on an exercise; the last one is the solution
    Hint {
        #[command(flatten)]
        which: Which,
        /// Show the hint of this level
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(LEVELS)))]
        level: Option<u8>,
    },
    /// Begin an exercise anew, and put your file aside
    Reset(Which),
    /// Tell what you have done
    Progress {
        /// Write it into a new file, to be handed in under its name
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The scenario: its name, or its number
    scenario: String,
    /// The exercise; without it, the first one of the scenario
    exercise: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Runs {
    /// How large: smoke, lab or post
    #[arg(long, default_value = "lab")]
    size: String,
    /// Print plain lines while it runs, and no moving picture
    #[arg(long)]
    no_live: bool,
}

/// Does what a learner asks for; returns the exit code.
pub(super) fn run(learner: Learner) -> Result<u8> {
    match learner {
        Learner::Predict { scenario, runs } => {
            let view = if runs.no_live { View::Lines } else { View::Curve };
            cmd::predict::predict(&scenario, &runs.size, view)
        }
        Learner::Mystery { seed, answer: Some(answer), .. } => cmd::mystery::answered(seed, &answer),
        Learner::Mystery { seed, answer: None, size } => cmd::mystery::mystery(seed, &size),
        Learner::Exercise(which) => cmd::exercise::exercise(&which.scenario, which.exercise.as_deref()),
        Learner::Check { which, answer, runs } => {
            let (exercise, answer) = (which.exercise.as_deref(), answer.as_deref());
            cmd::check::check(&which.scenario, exercise, answer, &runs.size, runs.form())
        }
        Learner::Watch { which, runs, manual } => {
            let when = if manual { When::Asked } else { When::Saved };
            cmd::watch::watch(&which.scenario, which.exercise.as_deref(), &runs.size, when, runs.form())
        }
        Learner::Hint { which, level } => cmd::hint::hint(&which.scenario, which.exercise.as_deref(), level),
        Learner::Reset(which) => cmd::reset::reset(&which.scenario, which.exercise.as_deref()),
        Learner::Progress { export } => cmd::progress::progress(export.as_deref()),
    }
}

impl Runs {
    fn form(&self) -> Form {
        if self.no_live { Form::Lines } else { Form::Live }
    }
}
