//! A program under a neutral name, whose failure you find from its behaviour.
//!
//! The seed alone says which program it is, so a table that shares a seed shares a mystery, on whatever machines.
//! Nobody has to keep the answer secret, since only the seed has it.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::model::UnknownName;
use crate::model::outcome::Outcome;
use crate::model::record::{Mark, Record, What};
use crate::scenario::{Catalog, Kind, Scenario, Variant};

/// What stands in a record where the scenario and the variant would.
pub(crate) const NAME: &str = "mystery";

/// The answer if nothing is wrong.
pub const HEALTHY: &str = "healthy";

/// One mystery in so many is healthy.
const HEALTHY_ONE_IN: u32 = 4;

/// The metrics that are shown of every mystery: a choice of them would be a hint.
pub(crate) const METRICS: [&str; 13] = [
    "pss",
    "rss",
    "uss",
    "anon",
    "root_anon",
    "children_private_dirty",
    "tmpfs",
    "shm_files",
    "disk_cached",
    "processes",
    "minor_faults",
    "major_faults",
    "cpu",
];

/// What a seed stands for.
#[derive(Debug, Clone, Copy)]
pub struct Mystery<'a> {
    /// The number that it was drawn by, and that the program draws its numbers from.
    pub(crate) seed: u64,
    /// The scenario that it is of.
    pub(crate) scenario: &'a Scenario,
    /// The first broken variant of that, or the first fixed one: the two that the chapter begins with.
    pub(crate) variant: &'a Variant,
}

impl<'a> Mystery<'a> {
    /// Draws a mystery; `None` if no scenario has a pair of variants.
    pub fn draw(catalog: &'a Catalog, seed: u64) -> Option<Self> {
        let mut rng = Rng::with_seed(seed);
        // Of 32 bits, because a draw from a usize depends on the machine.
        let kind = if rng.u32(0..HEALTHY_ONE_IN) == 0 { Kind::Fixed } else { Kind::Broken };
        let pairs = catalog.scenarios().iter().filter_map(|scenario| {
            Some((scenario, scenario.variants.iter().find(|variant| variant.kind == kind)?))
        });
        let pairs: Vec<_> = pairs.collect();
        let count = u32::try_from(pairs.len()).ok().filter(|count| *count > 0)?;
        let (scenario, variant) = pairs[rng.u32(0..count) as usize];
        Some(Mystery { seed, scenario, variant })
    }

    /// What it is: the slug of a scenario, or that it is healthy.
    pub fn truth(&self) -> &'a str {
        match self.variant.kind {
            Kind::Broken => &self.scenario.slug,
            _ => HEALTHY,
        }
    }
}

/// Reads an answer: healthy, or the name or number of a scenario.
///
/// # Errors
///
/// [`UnknownName`] lists what it may be.
pub(crate) fn answer<'a>(catalog: &'a Catalog, typed: &str) -> Result<&'a str, UnknownName> {
    match typed {
        HEALTHY => Ok(HEALTHY),
        name => match catalog.find(name) {
            Ok(scenario) => Ok(&scenario.slug),
            Err(mut error) => {
                error.what = "answer".into();
                error.known.push(HEALTHY.into());
                Err(error)
            }
        },
    }
}

/// The record without anything that names the scenario: only measurements from outside stay.
pub fn veiled(mut record: Record) -> Record {
    let header = &mut record.header;
    (header.scenario, header.variant, header.title) = (NAME.into(), NAME.into(), String::new());
    header.sizes = BTreeMap::new();
    for (number, mark) in (1..).zip(&mut record.marks) {
        *mark = Mark { t: mark.t, name: format!("phase {number}") };
    }
    for process in record.processes.each.values_mut().filter_map(|track| track.process.as_mut()) {
        process.words.clear();
    }
    for event in &mut record.events {
        if let What::Failed { at, .. } = &mut event.what {
            *at = HIDDEN.into();
        }
    }
    if let Some(trailer) = &mut record.trailer {
        trailer.diagnosis = None;
        trailer.facts.clear();
        trailer.stated_by.clear();
        trailer.restated.clear();
        trailer.output.clear();
        if let Outcome::Failed { at, .. } = &mut trailer.outcome {
            *at = HIDDEN.into();
        }
    }
    record
}

/// What stands in a record where the program's own words about its failure would.
const HIDDEN: &str = "its own words are hidden";
