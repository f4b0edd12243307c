//! `lab peer`: the same experiments with the real libraries of Python, next to our own.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::args::RunArgs;
use crate::model::record::Record;
use crate::model::verdict::overall;
use crate::peer::{self, Environment};
use crate::reference;
use crate::report::run::{draw, figure};
use crate::report::{self, Format};
use crate::scenario::{Peer, Scenario, Variant};
use crate::screen::{Screen, print, say};
use crate::store;
use crate::workbench::{Plan, Ran, Request, Stop, Workbench};

/// Run a scenario with the real Python libraries, next to ours
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario: its name, or its number; with --prepare, by default all
    #[arg(required_unless_present = "prepare")]
    scenario: Option<String>,
    #[command(flatten)]
    how: RunArgs,
    /// Only make the environments of Python, and print where each one's Python is
    #[arg(long)]
    prepare: bool,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        match &self.scenario {
            Some(name) if !self.prepare => self.compare(name),
            name => prepare(name.as_deref()),
        }
    }

    /// Runs the peer of a scenario, judges it, and shows it next to ours.
    fn compare(&self, name: &str) -> Result<u8> {
        let workbench = Workbench::open()?;
        let scenario = workbench.catalog.find(name)?;
        let peer = workbench.peer(scenario)?;
        if !peer.script().is_file() {
            let why = "the peers are in the workbook's repository, and this is a bundle of it";
            return Err(Stop::NotHere(why.into()).into());
        }
        let screen = Screen::detect();
        let request = self.how.request(&peer.scenario, &screen);
        let mut plan = workbench.plan(&request)?;
        let environments = workbench.environments(peer, &mut plan)?;
        if self.how.reference {
            leave_out(&mut plan, peer);
        }
        let folder = workbench.store.begin_aside(&scenario.slug, "peer")?;
        let ours = workbench.ours(scenario, peer, &plan, &self.how, &folder)?;
        // The same numbers in both languages, so that both must compute the same of them.
        plan.seed = ours.first().map_or(plan.seed, |record| record.header.seed);
        let start = |variant: &Variant| peer::start(&workbench.root, peer, &environments[&variant.name]);
        let request = Request { start: Some(&start), folder: Some(folder), ..request };
        let Ran { records: theirs, folder } = workbench.run_planned(&request, &plan)?;
        let beside = peer::beside(scenario, peer, &theirs, &ours);
        let both = together(peer, &theirs, &ours);
        draw(&figure(&peer.scenario, &both), &scenario.slug, &folder);
        print(&match self.how.format() {
            Format::Json => format!("{:#}\n", report::peer::json(peer, &theirs, &beside, &folder)),
            Format::Text => report::peer::text(peer, &theirs, &both, &beside, &folder, &screen),
        });
        if self.how.reference {
            reference::keep_peer(scenario, &beside.verdicts, &theirs, &folder)?;
        }
        Ok(overall(&beside.verdicts).exit_code())
    }
}

/// Leaves the runs out that need a CPython which isn't here: only real runs are recorded.
fn leave_out(plan: &mut Plan, peer: &Peer) {
    plan.runs.retain(|run| match (&run.lack, peer.python(&run.variant.name)) {
        (Some(lack), Some(_)) => {
            say(&format!("{} isn't recorded: {lack}", run.variant.name));
            false
        }
        _ => true,
    });
}

/// Makes the environments of one peer or of all, and prints where each Python is.
fn prepare(name: Option<&str>) -> Result<u8> {
    let workbench = Workbench::open()?;
    let scenarios: Vec<&Scenario> = match name {
        Some(name) => vec![workbench.catalog.find(name)?],
        None => workbench
            .catalog
            .scenarios()
            .iter()
            .filter(|scenario| workbench.catalog.peer(scenario).is_some())
            .collect(),
    };
    for scenario in scenarios {
        let peer = workbench.peer(scenario)?;
        for requirements in peer::requirements(peer) {
            let environment = workbench.environment(&requirements)?;
            print(&format!("{}\n", environment.python.display()));
        }
        for version in peer::pythons(peer) {
            match peer::find(version) {
                Ok(found) => print(&format!("{}\n", found.python.display())),
                Err(why) => say(&format!("{}: {why}", scenario.slug)),
            }
        }
    }
    Ok(0)
}

impl Workbench {
    fn peer(&self, scenario: &Scenario) -> Result<&Peer> {
        let peer = self.catalog.peer(scenario);
        peer.with_context(|| {
            format!("{} has no peer; `lab list --all` shows which scenarios have one", scenario.slug)
        })
    }

    fn environment(&self, requirements: &Path) -> Result<Environment> {
        let requirements = self.root.join(requirements);
        let made = peer::make(&self.store.environments(), &requirements, |what| eprintln!("{what} ..."));
        self.unless_stopped(made.map_err(|why| Stop::NotHere(why.to_string()).into()))
    }

    /// The Python of each run that is planned, by its variant. A run whose CPython isn't here lacks it.
    fn environments(&self, peer: &Peer, plan: &mut Plan) -> Result<BTreeMap<String, Environment>> {
        let (mut made, mut environments) = (BTreeMap::new(), BTreeMap::new());
        for run in &mut plan.runs {
            let name = &run.variant.name;
            let environment = match peer.python(name).map(peer::find) {
                Some(Ok(found)) => found,
                Some(Err(why)) => {
                    run.lack.get_or_insert(why.to_string());
                    Environment::default()
                }
                None => match made.entry(peer.requirements(name)) {
                    Entry::Occupied(made) => Environment::clone(made.get()),
                    Entry::Vacant(place) => {
                        let environment = self.environment(place.key())?;
                        place.insert(environment).clone()
                    }
                },
            };
            environments.insert(name.clone(), environment);
        }
        Ok(environments)
    }

    /// Our own runs of the same work: the latest ones, or those that are recorded, or else new ones.
    fn ours(
        &self,
        scenario: &Scenario,
        peer: &Peer,
        plan: &Plan,
        how: &RunArgs,
        folder: &Path,
    ) -> Result<Vec<Record>> {
        let like = plan.runs.iter().filter_map(|run| peer.like.get(&run.variant.name).cloned());
        let mut variants: Vec<String> = like.collect();
        variants.sort();
        variants.dedup();
        if variants.is_empty() {
            return Ok(Vec::new());
        }
        let recorded = scenario.results();
        let mut places: Vec<PathBuf> = self.store.latest(Some(&scenario.slug)).into_iter().collect();
        // What is recorded of both belongs together.
        places.insert(if how.reference { 0 } else { places.len() }, recorded);
        let found = places.iter().find_map(|place| same_work(place, &variants, plan, how.seed));
        if let Some(records) = found {
            return Ok(records);
        }
        let request = Request {
            variants,
            set: plan.sizes.iter().map(|(name, size)| (name.clone(), *size)).collect(),
            seed: Some(plan.seed),
            folder: Some(folder.join(OURS)),
            ..Request::new(scenario, &plan.size)
        };
        Ok(self.run(&request)?.records)
    }
}

/// The folder of our own runs in that of a peer's, if they had to be made.
const OURS: &str = "ours";

/// The records of these variants in a folder, if all of them are there, of one seed and of these sizes.
fn same_work(place: &Path, variants: &[String], plan: &Plan, seed: Option<u64>) -> Option<Vec<Record>> {
    let (_, mut records) = store::records(place).ok()?;
    records.retain(|record| variants.contains(&record.header.variant) && record.header.peer.is_none());
    let seed = seed.or(records.first().map(|record| record.header.seed))?;
    let fits = |record: &Record| record.header.sizes == plan.sizes && record.header.seed == seed;
    (records.len() == variants.len() && records.iter().all(fits)).then_some(records)
}

/// The records that are drawn: those that the first figure of the peer shows, each next to ours.
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
