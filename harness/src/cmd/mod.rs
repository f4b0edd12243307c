//! What the commands do, a file each; this one holds what they share.

pub(crate) mod all;
pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod class;
pub(crate) mod clean;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod exercise;
pub(crate) mod hint;
mod input;
pub(crate) mod list;
pub(crate) mod ls;
pub(crate) mod mystery;
pub(crate) mod peer;
pub(crate) mod predict;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod reset;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod soak;
pub(crate) mod sweep;
pub(crate) mod watch;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nix::sys::signalfd::SignalFd;

use crate::chart::Figure;
use crate::host::Machine;
use crate::learn::workspace::Workspace;
use crate::model::outcome::Outcome;
use crate::model::record::Record;
use crate::model::verdict::Status;
use crate::report::live::{Live, Shown, View};
use crate::report::run::{PICTURE, figure};
use crate::scenario::{Catalog, Scenario, Variant};
use crate::screen::Screen;
use crate::store::{self, Store};
use crate::workbench::plan::{Plan, Refusal, Request, plan};
use crate::workbench::program::{LearnerBuild, Start};
use crate::{chart, sandbox, workbench::program, workbench::run as runner};

/// The shell's code for a program that SIGINT ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// All that is needed to run scenarios: where things are, and what the machine can do.
pub(crate) struct Lab {
    pub(crate) root: PathBuf,
    pub(crate) catalog: Catalog,
    pub(crate) store: Store,
    pub(crate) machine: Machine,
    signals: SignalFd,
    /// The programs that were built already, by slug.
    programs: RefCell<BTreeMap<String, PathBuf>>,
}

/// What came of a request.
pub(crate) enum Done {
    /// It was run; the records, and the folder that they are in.
    Ran(Vec<Record>, PathBuf),
    /// The machine can not show it, and why.
    NotHere(String),
    /// The user stopped it; where that was recorded which came before.
    Interrupted(Option<PathBuf>),
}

impl Lab {
    /// Finds the workbook, looks at the machine, and cleans up after runs that were killed.
    pub(crate) fn open() -> Result<Self> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let store = Store::open(&root)?;
        // From here on Ctrl-C is not the end of the process, but something that it hears of.
        let signals = runner::signals()?;
        let machine = Machine::probe();
        sandbox::sweep(machine.cgroup.as_ref().ok(), &store.disk());
        Ok(Lab { root, catalog, store, machine, signals, programs: RefCell::default() })
    }

    /// Plans, builds and runs the variants that are asked for, and draws them.
    pub(crate) fn run(
        &self,
        scenario: &Scenario,
        request: &Request,
        screen: Screen,
        view: View,
    ) -> Result<Done> {
        let done = self.run_in(scenario, request, screen, view, || self.store.begin(&scenario.slug))?;
        if let Done::Ran(records, folder) = &done {
            draw(scenario, records, folder);
        }
        Ok(done)
    }

    /// Plans, builds and runs the variants that are asked for; their records go into the folder that
    /// `begin` makes, which is asked for one only when all else is settled.
    fn run_in(
        &self,
        scenario: &Scenario,
        request: &Request,
        screen: Screen,
        view: View,
        begin: impl FnOnce() -> Result<PathBuf>,
    ) -> Result<Done> {
        // Asked before anything is built: what can not be run needs no program.
        let plan = match self.plan(scenario, request) {
            Ok(plan) => plan,
            Err(refusal) => return refused(refusal),
        };
        let program = match self.program(&scenario.slug) {
            // Ctrl-C reached cargo as well, which is why it failed.
            Err(_) if self.stopped()? => return Ok(Done::Interrupted(None)),
            found => found?,
        };
        self.run_plan(scenario, &plan, &|_| Start::from(program.as_path()), screen, view, begin)
    }

    /// Settles every number of a request.
    pub(crate) fn plan(&self, scenario: &Scenario, request: &Request) -> Result<Plan, Refusal> {
        plan(scenario, request, &self.machine, self.store.folder())
    }

    /// Plans and runs the variants of a program that is built.
    pub(crate) fn run_program(
        &self,
        scenario: &Scenario,
        program: &Path,
        request: &Request,
        screen: Screen,
        view: View,
        begin: impl FnOnce() -> Result<PathBuf>,
    ) -> Result<Done> {
        match self.plan(scenario, request) {
            Ok(plan) => self.run_plan(scenario, &plan, &|_| Start::from(program), screen, view, begin),
            Err(refusal) => refused(refusal),
        }
    }

    /// Runs what is planned, each variant in a sandbox of its own.
    pub(crate) fn run_plan(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        start: &dyn Fn(&Variant) -> Start,
        screen: Screen,
        view: View,
        begin: impl FnOnce() -> Result<PathBuf>,
    ) -> Result<Done> {
        let folder = begin()?;
        if view != View::Nothing {
            crate::screen::print(&heading(scenario, plan, &screen));
        }
        let disk = self.store.disk();
        let place = runner::Place { start, disk: &disk, folder: &folder };
        let shown = Shown { name: scenario.slug.clone(), metrics: vec![scenario.curve] };
        let mut live = Live::new(shown, screen, view);
        let records = runner::run(scenario, plan, &self.machine, &place, &mut live, &self.signals)?;
        if records.iter().any(|record| record.outcome() == Outcome::Interrupted) {
            return Ok(Done::Interrupted(Some(folder)));
        }
        Ok(Done::Ran(records, folder))
    }

    /// Builds the learner's program; or says that the user stopped it, with the exit code.
    pub(crate) fn mine(&self, workspace: &Workspace<'_>) -> Result<Result<LearnerBuild, u8>> {
        let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
        let place = self.store.mine().join(format!("{slug}.{exercise}"));
        let _alone = self.store.building()?;
        match program::mine(&self.root, slug, exercise, &place) {
            Ok(LearnerBuild::Built(program)) => Ok(Ok(LearnerBuild::Built(program))),
            _ if self.stopped()? => Ok(Err(interrupted(None))),
            built => built.map(Ok),
        }
    }

    /// Whether the user wants it to stop.
    pub(crate) fn stopped(&self) -> Result<bool> {
        Ok(self.signals.read_signal()?.is_some())
    }

    /// The program of a scenario, built at its first use.
    fn program(&self, slug: &str) -> Result<PathBuf> {
        if let Some(program) = self.programs.borrow().get(slug) {
            return Ok(program.clone());
        }
        let _alone = self.store.building()?;
        let program = program::find(&self.root, slug)?;
        self.programs.borrow_mut().insert(slug.to_owned(), program.clone());
        Ok(program)
    }
}

/// What a refused request comes to.
fn refused(refusal: Refusal) -> Result<Done> {
    match refusal {
        Refusal::NotHere(why) => Ok(Done::NotHere(why)),
        Refusal::BadRequest(why) => anyhow::bail!(why),
    }
}

/// Draws the records' curves into a file beside them.
pub(crate) fn draw(scenario: &Scenario, records: &[Record], folder: &Path) {
    draw_figure(&figure(scenario, records), &scenario.slug, folder);
}

/// Draws a figure into a file beside the records.
pub(crate) fn draw_figure(figure: &Figure<'_>, slug: &str, folder: &Path) {
    let picture = folder.join(PICTURE);
    // A picture that can not be written, as beside records on a read-only disk, is no reason to fail.
    if let Err(error) = std::fs::write(&picture, chart::svg::draw(figure, slug)) {
        eprintln!("lab: {}: {error}", picture.display());
    }
}

/// Says that this machine can not show it, and why.
pub(crate) fn not_here(why: String) -> u8 {
    eprintln!("lab: UNKNOWN on this machine: {why}.");
    Status::Unknown(why).exit_code()
}

/// Says that a run was stopped, and where its beginning is.
pub(crate) fn interrupted(folder: Option<PathBuf>) -> u8 {
    match folder {
        Some(folder) => {
            eprintln!("lab: interrupted; nothing is left behind but records, in {}", folder.display())
        }
        None => eprintln!("lab: interrupted; nothing is left behind"),
    }
    INTERRUPTED
}

/// What will be run, and how it is confined.
fn heading(scenario: &Scenario, plan: &Plan, screen: &Screen) -> String {
    let sizes: Vec<String> = plan.sizes.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let mut text = format!("{}\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
    let sizes = format!("Sizes ({}): {}; seed {}.", plan.size, sizes.join(", "), plan.seed);
    text.push_str(&screen.wrapped("", &sizes));
    if let Some(run) = plan.runs.first() {
        text.push_str(&screen.wrapped("", &format!("Confined by: {}.", run.confinement.join("; "))));
    }
    for note in &plan.notes {
        text.push_str(&screen.wrapped("", &format!("Note: {note}")));
    }
    text.push('\n');
    text
}
