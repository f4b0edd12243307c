//! `lab peer`: the same experiments with the real libraries of Python, beside our own.

mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::run::{Form, Keep};
use super::{Done, Lab, draw_figure, interrupted, not_here};
use crate::model::record::Record;
use crate::model::verdict::overall;
use crate::peer::{self, Environment, Unavailable};
use crate::reference;
use crate::report::live::View;
use crate::report::run::figure;
use crate::scenario::{Peer, Scenario, Variant};
use crate::screen::{Screen, print};
use crate::store;
use crate::workbench::plan::{Plan, Refusal, Request};

/// Runs the peer of a scenario, judges it, and shows it beside ours.
pub(crate) fn peer(name: &str, request: &Request, form: Form, keep: Keep) -> Result<u8> {
    let lab = Lab::open()?;
    let scenario = lab.catalog.find(name)?;
    let peer = lab.peer(scenario)?;
    if !peer.script().is_file() {
        return Ok(not_here("the peers are in the workbook's repository, and this is a bundle of it".into()));
    }
    let mut plan = match lab.plan(&peer.scenario, request) {
        Ok(plan) => plan,
        Err(Refusal::NotHere(why)) => return Ok(not_here(why)),
        Err(Refusal::BadRequest(why)) => bail!(why),
    };
    let environments = match lab.environments(peer, &plan) {
        Ok(environments) => environments,
        Err(_) if lab.stopped()? => return Ok(interrupted(None)),
        Err(why) => return Ok(not_here(why.to_string())),
    };
    let screen = Screen::detect();
    let view = form.view(&screen);
    let folder = lab.store.begin_aside(&scenario.slug, "peer")?;
    let ours = match lab.ours(scenario, peer, &plan, request.seed, keep, &folder)? {
        Done::Ran(ours, _) => ours,
        Done::NotHere(why) => return Ok(not_here(why)),
        Done::Interrupted(folder) => return Ok(interrupted(folder)),
    };
    // The same numbers in both languages, so that both must compute the same of them.
    plan.seed = ours.first().map_or(plan.seed, |record| record.header.seed);
    let start =
        |variant: &Variant| peer::start(&lab.root, peer, &environments[&peer.requirements(&variant.name)]);
    let theirs = match lab.run_plan(&peer.scenario, &plan, &start, screen, view, || Ok(folder.clone()))? {
        Done::Ran(theirs, _) => theirs,
        Done::NotHere(why) => return Ok(not_here(why)),
        Done::Interrupted(folder) => return Ok(interrupted(folder)),
    };
    let beside = peer::beside(scenario, peer, &theirs, &ours);
    let both = together(peer, &theirs, &ours);
    draw_figure(&figure(&peer.scenario, &both), &scenario.slug, &folder);
    match form {
        Form::Json => print(&format!("{:#}\n", told::as_json(peer, &theirs, &beside, &folder))),
        Form::Live | Form::Lines => print(&told::text(peer, &theirs, &both, &beside, &folder, &screen)),
    }
    if keep == Keep::Reference {
        reference::keep_peer(scenario, &beside.verdicts, &theirs, &folder)?;
    }
    Ok(overall(&beside.verdicts).exit_code())
}

/// Makes the environments of one peer or of all, and tells where each Python is.
pub(crate) fn prepare(name: Option<&str>) -> Result<u8> {
    let lab = Lab::open()?;
    let scenarios: Vec<&Scenario> = match name {
        Some(name) => vec![lab.catalog.find(name)?],
        None => {
            lab.catalog.scenarios().iter().filter(|scenario| lab.catalog.peer(scenario).is_some()).collect()
        }
    };
    for scenario in scenarios {
        let peer = lab.peer(scenario)?;
        let variants = peer.scenario.variants.iter().map(|variant| &variant.name);
        for requirements in peer::requirements(peer, variants) {
            match lab.environment(&requirements) {
                Ok(environment) => print(&format!("{}\n", environment.python.display())),
                Err(_) if lab.stopped()? => return Ok(interrupted(None)),
                Err(why) => return Ok(not_here(why.to_string())),
            }
        }
    }
    Ok(0)
}

impl Lab {
    fn peer(&self, scenario: &Scenario) -> Result<&Peer> {
        let peer = self.catalog.peer(scenario);
        peer.with_context(|| format!("{} has no peer; `lab list` shows who has", scenario.slug))
    }

    fn environment(&self, requirements: &Path) -> Result<Environment, Unavailable> {
        let requirements = self.root.join(requirements);
        peer::make(&self.store.environments(), &requirements, |what| eprintln!("{what} ..."))
    }

    /// The environments of the runs that are planned, by their requirements.
    fn environments(&self, peer: &Peer, plan: &Plan) -> Result<BTreeMap<PathBuf, Environment>, Unavailable> {
        let variants = plan.runs.iter().map(|run| &run.variant.name);
        let files = peer::requirements(peer, variants).into_iter();
        files.map(|file| self.environment(&file).map(|environment| (file, environment))).collect()
    }

    /// Our own runs of the same work: the latest ones, or those that are recorded, or else new ones.
    fn ours(
        &self,
        scenario: &Scenario,
        peer: &Peer,
        plan: &Plan,
        seed: Option<u64>,
        keep: Keep,
        folder: &Path,
    ) -> Result<Done> {
        let like = plan.runs.iter().filter_map(|run| peer.like.get(&run.variant.name).cloned());
        let mut variants: Vec<String> = like.collect();
        variants.sort();
        variants.dedup();
        if variants.is_empty() {
            return Ok(Done::Ran(Vec::new(), folder.to_owned()));
        }
        let recorded = scenario.results();
        let mut places: Vec<PathBuf> = self.store.latest(Some(&scenario.slug)).into_iter().collect();
        // What is recorded of both belongs together.
        places.insert(if keep == Keep::Reference { 0 } else { places.len() }, recorded);
        let found = places.iter().find_map(|place| same_work(place, &variants, plan, seed));
        if let Some(records) = found {
            return Ok(Done::Ran(records, folder.to_owned()));
        }
        let set = plan.sizes.iter().map(|(name, size)| (name.clone(), *size)).collect();
        let request = Request { variants, size: plan.size.clone(), set, seed: Some(plan.seed) };
        let folder = folder.join(OURS);
        let begin = || {
            std::fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
            Ok(folder.clone())
        };
        self.run_in(scenario, &request, Screen::detect(), View::Nothing, begin)
    }
}

/// The folder of our own runs in that of a peer's, where they had to be made.
const OURS: &str = "ours";

/// The records of these variants in a folder, if all of them are there, of one seed and of these sizes.
fn same_work(place: &Path, variants: &[String], plan: &Plan, seed: Option<u64>) -> Option<Vec<Record>> {
    let (_, mut records) = store::records(place).ok()?;
    records.retain(|record| variants.contains(&record.header.variant) && record.header.peer.is_none());
    let seed = seed.or(records.first().map(|record| record.header.seed))?;
    let fits = |record: &Record| record.header.sizes == plan.sizes && record.header.seed == seed;
    (records.len() == variants.len() && records.iter().all(fits)).then_some(records)
}

/// The records that are drawn: those that the first figure of the peer shows, each beside ours.
fn together(peer: &Peer, theirs: &[Record], ours: &[Record]) -> Vec<Record> {
    let shown = peer.scenario.figures.first().map(|figure| &figure.variants);
    let is_shown = |record: &&Record| shown.is_none_or(|shown| shown.contains(&record.header.variant));
    let mut chosen: Vec<&Record> = theirs.iter().filter(is_shown).collect();
    if chosen.is_empty() {
        chosen = theirs.iter().collect();
    }
    let mut both: Vec<Record> = Vec::new();
    for record in chosen {
        both.push(record.clone());
        let like = peer.like.get(&record.header.variant);
        let ours = ours.iter().find(|ours| Some(&ours.header.variant) == like);
        // Two variants may be like the same one.
        both.extend(ours.filter(|ours| !both.contains(ours)).cloned());
    }
    both
}
