//! From a request to records: plan, build, run.

pub(crate) mod input;
mod plan;
pub(crate) mod program;
mod run;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use self::plan::{Plan, Stop};
use self::program::{LearnerBuild, Start};
use crate::host::Machine;
use crate::learn::grade::variants;
use crate::learn::workspace::Workspace;
use crate::model::outcome::Outcome;
use crate::model::record::Record;
use crate::model::verdict::Status;
use crate::name::{INTERRUPTED, MISUSE};
use crate::report::live::{Live, Shown, View};
use crate::report::run::{draw, figure};
use crate::sandbox::{self, signals::Signals};
use crate::scenario::{Catalog, Scenario, Variant};
use crate::screen::{Screen, print};
use crate::store::{self, Store};

/// What the user wants to be run, and how.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    pub(crate) scenario: &'a Scenario,
    /// The names of the variants; none for all that are broken or fixed.
    pub(crate) variants: Vec<String>,
    /// The name of the table of sizes.
    pub(crate) size: String,
    /// Sizes that are set one by one.
    pub(crate) set: Vec<(String, u64)>,
    /// The seed, if the user wants a known one.
    pub(crate) seed: Option<u64>,
    /// How each variant is started, if not by the scenario's own program, which is built first.
    pub(crate) start: Option<&'a dyn Fn(&Variant) -> Start>,
    /// Where the records go. Without a folder, they become the scenario's latest run in the store.
    pub(crate) folder: Option<PathBuf>,
    /// The view while it runs.
    pub(crate) view: View,
}

impl<'a> Request<'a> {
    /// All that a scenario shows at this size, with nothing to be seen while it runs.
    pub(crate) fn new(scenario: &'a Scenario, size: &str) -> Self {
        Request {
            scenario,
            variants: Vec::new(),
            size: size.to_owned(),
            set: Vec::new(),
            seed: None,
            start: None,
            folder: None,
            view: View::Nothing,
        }
    }
}

/// What a run has made.
pub(crate) struct Ran {
    pub(crate) records: Vec<Record>,
    /// The folder that the records are in.
    pub(crate) folder: PathBuf,
}

/// All that is needed to run scenarios: where things are, and what the machine can do.
pub(crate) struct Workbench {
    pub(crate) root: PathBuf,
    pub(crate) catalog: Catalog,
    pub(crate) store: Store,
    pub(crate) machine: Machine,
    signals: Signals,
    /// For as long as this is open, nobody deletes the records and folders of runs.
    _in_use: File,
    /// The programs that were built already, by slug.
    programs: RefCell<BTreeMap<String, PathBuf>>,
}

impl Workbench {
    /// Finds the workbook, looks at the machine, and cleans up after runs that were killed.
    pub(crate) fn open() -> Result<Self> {
        let root = store::root()?;
        let store = Store::open(&root)?;
        Self::open_in(root, store)
    }

    /// The same for the workbook at `root`, with its records in `store`.
    pub(crate) fn open_in(root: PathBuf, store: Store) -> Result<Self> {
        let catalog = Catalog::load(&root)?;
        // From here on Ctrl-C doesn't end the process, but is an event that it reads.
        let signals = Signals::catch_the_end()?;
        sandbox::sweep();
        let machine = Machine::probe();
        let in_use = store.use_runs()?;
        Ok(Workbench {
            root,
            catalog,
            store,
            machine,
            signals,
            _in_use: in_use,
            programs: RefCell::default(),
        })
    }

    /// Plans, builds and runs a request.
    ///
    /// # Errors
    ///
    /// [`Stop`], if the machine can't show it or the user has stopped it.
    pub(crate) fn run(&self, request: &Request<'_>) -> Result<Ran> {
        // Planned before anything is built: what can't be run needs no program.
        self.run_planned(request, &self.plan(request)?)
    }

    /// Settles every number of a request.
    pub(crate) fn plan(&self, request: &Request<'_>) -> Result<Plan, Stop> {
        plan::plan(request, &self.machine, self.store.folder())
    }

    /// Builds and runs a plan, each variant in its own sandbox.
    pub(crate) fn run_planned(&self, request: &Request<'_>, plan: &Plan) -> Result<Ran> {
        let Request { scenario, view, .. } = *request;
        let own = match request.start {
            Some(_) => PathBuf::new(),
            None => self.build(&scenario.slug)?,
        };
        let own = |_: &Variant| Start::from(own.as_path());
        let folder = match &request.folder {
            Some(folder) => {
                fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
                folder.clone()
            }
            None => self.store.begin(&scenario.slug)?,
        };
        let screen = Screen::detect();
        if view != View::Nothing {
            print(&plan.heading(scenario, &screen));
        }
        let shown = Shown { name: scenario.slug.clone(), metrics: vec![scenario.curve] };
        let mut live = Live::new(shown, screen, view);
        let start = request.start.unwrap_or(&own);
        let records = self.records(scenario, plan, start, &folder, &mut live)?;
        if records.iter().any(|record| record.outcome() == Outcome::Interrupted) {
            return Err(Stop::Interrupted(Some(folder)).into());
        }
        if request.folder.is_none() {
            draw(&figure(scenario, &records), &scenario.slug, &folder);
        }
        Ok(Ran { records, folder })
    }

    /// The program of a scenario, built at its first use.
    pub(crate) fn build(&self, slug: &str) -> Result<PathBuf> {
        if let Some(program) = self.programs.borrow().get(slug) {
            return Ok(program.clone());
        }
        let _alone = self.store.building()?;
        let program = self.unless_stopped(program::find(&self.root, slug))?;
        self.programs.borrow_mut().insert(slug.to_owned(), program.clone());
        Ok(program)
    }

    /// Builds the learner's program.
    pub(crate) fn build_exercise(&self, workspace: &Workspace<'_>) -> Result<LearnerBuild> {
        let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
        let place = self.store.mine().join(format!("{slug}.{exercise}"));
        let _alone = self.store.building()?;
        match program::build_exercise(&self.root, workspace, &place) {
            // The compiler that was interrupted has refused nothing.
            Ok(LearnerBuild::Refused) if self.stopped()? => Err(Stop::Interrupted(None).into()),
            built => self.unless_stopped(built),
        }
    }

    /// Runs a learner's program next to those of the scenario's own that it's compared with.
    pub(crate) fn run_exercise(
        &self,
        workspace: &Workspace<'_>,
        program: &Path,
        request: Request<'_>,
    ) -> Result<Ran> {
        let others = self.build(&workspace.scenario.slug)?;
        let start = |variant: &Variant| {
            Start::from(if variant.name == workspace.exercise.name { program } else { others.as_path() })
        };
        self.run(&Request { variants: variants(workspace), start: Some(&start), ..request })
    }

    /// Whether the user wants it to stop.
    pub(crate) fn stopped(&self) -> Result<bool> {
        Ok(self.signals.next()?.is_some())
    }

    /// The result of another program. If that failed because Ctrl-C reached it as well, the user has
    /// stopped it.
    pub(crate) fn unless_stopped<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Err(_) if self.stopped()? => Err(Stop::Interrupted(None).into()),
            result => result,
        }
    }
}

impl Stop {
    /// The exit code of `lab`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Stop::BadRequest(_) => MISUSE,
            Stop::NotHere(why) => Status::Unknown(why.clone()).exit_code(),
            Stop::Interrupted(_) => INTERRUPTED,
        }
    }
}
