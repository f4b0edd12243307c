//! A scenario as its scenario.toml describes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::claim::Claim;
use super::cost::Cost;
use super::exercise::Exercise;
use super::figure::Drawing;
use super::limits::Limits;
use super::predict::Question;
use super::rule::Rule;
use super::sweep::Sweep;
use super::variant::{Need, Variant};
use crate::model::UnknownName;
use crate::model::metric::Metric;

/// One lesson: a program with variants, the sizes to run it at, and what it claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name of its folder, its package, its binary and its chapter.
    pub slug: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its handle in `make scenario-N`.
    pub number: u32,
    /// What it is called.
    pub title: String,
    /// What it teaches, in one sentence.
    pub lesson: String,
    /// Its chapter, a file in its folder.
    pub chapter: PathBuf,
    /// How long it takes in a workshop.
    pub minutes: Minutes,
    /// What a machine must be able to do to show it.
    pub needs: Vec<Need>,
    /// The phases that every variant announces, in order.
    pub marks: Vec<String>,
    /// The metric of its picture.
    pub curve: &'static Metric,
    /// How the sizes must go together.
    pub(crate) rules: Vec<Rule>,
    /// The sizes that are halved together if the machine lacks room.
    pub(crate) scale: Vec<String>,
    /// The tables of sizes, by name: `smoke`, and where it has them `lab` and `post`.
    pub sizes: BTreeMap<String, BTreeMap<String, u64>>,
    /// The limits of its sandbox, if a variant doesn't state its own.
    pub(crate) limits: Limits,
    /// The ways of doing its work, in the order of the file.
    pub variants: Vec<Variant>,
    /// The expectations of them, in the order of the file.
    pub claims: Vec<Claim>,
    /// What the learner works on, in the order of the file.
    pub exercises: Vec<Exercise>,
    /// The figures of its chapter, in the order of the file.
    pub figures: Vec<Drawing>,
    /// What its chapter asks before it shows them, in the order of the file.
    pub questions: Vec<Question>,
    /// The sizes that are swept, in the order of the file.
    pub sweeps: Vec<Sweep>,
    /// What the costs of its variants are measured by, in the order of the file.
    pub costs: Vec<Cost>,
}

/// The folder of the recorded results in that of a scenario.
pub(crate) const RESULTS: &str = "results";

/// How long the parts of a lesson take, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// The teacher shows it.
    pub teach: u32,
    /// The learners do the exercise.
    #[serde(rename = "do")]
    pub exercise: u32,
    /// All talk about it.
    pub debrief: u32,
}

impl Scenario {
    /// The variant of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the variants that there are.
    pub fn variant(&self, name: &str) -> Result<&Variant, UnknownName> {
        self.variants.iter().find(|variant| variant.name == name).ok_or_else(|| {
            self.unknown_name("variant", name, self.variants.iter().map(|variant| &variant.name))
        })
    }

    /// The exercise of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the exercises that there are.
    pub fn exercise(&self, name: &str) -> Result<&Exercise, UnknownName> {
        self.exercises.iter().find(|exercise| exercise.name == name).ok_or_else(|| {
            self.unknown_name("exercise", name, self.exercises.iter().map(|exercise| &exercise.name))
        })
    }

    /// The source of a variant.
    pub fn source(&self, variant: &str) -> PathBuf {
        self.folder.join("src").join(format!("{}.rs", variant.replace('-', "_")))
    }

    /// The folder of its recorded results.
    pub fn results(&self) -> PathBuf {
        self.folder.join(RESULTS)
    }

    /// The table of sizes of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the tables that there are.
    pub fn sizes(&self, name: &str) -> Result<&BTreeMap<String, u64>, UnknownName> {
        self.sizes.get(name).ok_or_else(|| self.unknown_name("table of sizes", name, self.sizes.keys()))
    }

    /// The sweep of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the sweeps that there are.
    pub fn sweep(&self, id: &str) -> Result<&Sweep, UnknownName> {
        let mut sweeps = self.sweeps.iter();
        sweeps
            .find(|sweep| sweep.id == id)
            .ok_or_else(|| self.unknown_name("sweep", id, self.sweeps.iter().map(|sweep| &sweep.id)))
    }

    fn unknown_name<'a>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a String>,
    ) -> UnknownName {
        UnknownName {
            what: format!("{what} of {}", self.slug),
            name: name.to_owned(),
            known: known.cloned().collect(),
        }
    }
}
