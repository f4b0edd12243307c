//! `lab mystery`: runs a program under a neutral name, and asks what's wrong with it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::chart::terminal::draw;
use crate::chart::{Figure, describe};
use crate::diagnosis::Mode;
use crate::judge::{judge, stopped};
use crate::learn::grade::sides;
use crate::learn::mystery::{HEALTHY, METRICS, Mystery, NAME, answer, veiled};
use crate::learn::progress::Progress;
use crate::model::UnknownName;
use crate::model::record::{Record, Writer};
use crate::model::verdict::Status;
use crate::name::{command, short};
use crate::recorder::{MAX_SAMPLES, metrics};
use crate::reference;
use crate::report::diagnosis::{solution, telling};
use crate::report::run::{INSTEAD, shown_figure};
use crate::report::table::{Column, render};
use crate::scenario::{Catalog, Kind, Scenario};
use crate::screen::{Screen, print};
use crate::store::{self, Store};
use crate::workbench::program::Start;
use crate::workbench::{Request, Stop, Workbench};

/// So many seeds are listed of each kind.
const LISTED: usize = 5;

/// Seeds that nobody chose are below this, so that they can be called across a room.
const SEEDS: u64 = 10_000;

/// Run a program under a neutral name, and ask what's wrong with it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run the mystery of this seed, which is the same on every machine
    #[arg(long)]
    seed: Option<u64>,
    /// Draw it from these scenarios only, by their names or numbers: --only 1,2
    #[arg(long, value_name = "SCENARIOS", value_delimiter = ',', conflicts_with_all = ["seed", "answer"])]
    only: Vec<String>,
    /// List seeds with their programs, for the instructor: these are the answers
    #[arg(long, conflicts_with_all = ["seed", "answer", "size"])]
    seeds: bool,
    /// Answer the latest mystery, or that of the seed: a scenario, or healthy
    #[arg(long, value_name = "NAME", conflicts_with = "size")]
    answer: Option<String>,
    /// How large: smoke, lab or post
    #[arg(long, default_value = "lab")]
    size: String,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        if let Some(answer) = &self.answer {
            return answered(self.seed, answer);
        }
        if self.seeds {
            let catalog = Catalog::load(&store::root()?)?;
            print(&listed(&catalog, &among(&catalog, &self.only)?, &Screen::detect()));
            return Ok(0);
        }
        ask(self.seed, &self.only, &self.size)
    }
}

/// The scenarios of these names or numbers; all, if none is named.
fn among<'a>(catalog: &'a Catalog, only: &[String]) -> Result<Vec<&'a Scenario>, UnknownName> {
    match only {
        [] => Ok(catalog.scenarios().iter().collect()),
        only => only.iter().map(|name| catalog.find(name.trim())).collect(),
    }
}

/// For each scenario some seeds that lead to its broken variant, and to the fixed one, which is healthy.
fn listed(catalog: &Catalog, scenarios: &[&Scenario], screen: &Screen) -> String {
    let seeds = |scenario: &Scenario, kind: Kind| {
        let is_one = |seed: &u64| {
            Mystery::draw(catalog, *seed)
                .is_some_and(|drawn| drawn.scenario.slug == scenario.slug && drawn.variant.kind == kind)
        };
        (1..SEEDS).filter(is_one).take(LISTED).map(|seed| seed.to_string()).collect::<Vec<_>>().join(" ")
    };
    let of = |kind: Kind| scenarios.iter().map(move |scenario| seeds(scenario, kind));
    let columns = vec![
        Column::left("scenario", scenarios.iter().map(|scenario| scenario.slug.clone())),
        Column::right("number", scenarios.iter().map(|scenario| scenario.number.to_string())),
        Column::left("broken", of(Kind::Broken)),
        Column::left(HEALTHY, of(Kind::Fixed)),
    ];
    render(columns, screen)
}

/// Runs the mystery of a seed, or one drawn from these scenarios, and asks what it is.
fn ask(seed: Option<u64>, only: &[String], size: &str) -> Result<u8> {
    let workbench = Workbench::open()?;
    let scenarios = among(&workbench.catalog, only)?;
    let seed = match seed {
        Some(seed) => seed,
        None => one_of(&workbench.catalog, &scenarios).context("they have no broken and no fixed variant")?,
    };
    let mystery = drawn(&workbench.catalog, seed)?;
    let screen = Screen::detect();
    print(&screen.wrapped("", &format!("Mystery {seed}. Everybody who types this seed gets the same one.")));
    // Said of every mystery, since it would be a clue if it were said of one.
    if scenarios.iter().any(|scenario| !can_run(&workbench, scenario, size)) {
        let some =
            "This machine can't run all of them. For the others you see the run of the reference machine.";
        print(&screen.wrapped("", some));
    }
    let record = observed(&workbench, &mystery, size)?;
    let place = kept(&workbench.store, seed, &record)?;
    Progress::open(&workbench.root)?.asked(seed, &now())?;
    evidence(&record, &screen);
    print(&format!("Record: {}\n\n", short(&place).display()));
    choices(&scenarios, &screen);
    loop {
        print("Your answer (its name or number; an empty line for later): ");
        let Some(typed) = workbench.line()?.filter(|typed| !typed.trim().is_empty()) else {
            print(&format!("\nLater: {}\n", command("mystery --answer NAME")));
            return Ok(0);
        };
        print("\n");
        match understood(&workbench.catalog, typed.trim()) {
            Ok(said) => return judged(&workbench.store, &workbench.root, &mystery, said, &screen),
            Err(error) => print(&format!("{error}\n")),
        }
    }
}

/// Judges an answer to the mystery of a seed, or to the one that was looked at last.
fn answered(seed: Option<u64>, typed: &str) -> Result<u8> {
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let said = understood(&catalog, typed)?;
    let progress = Progress::open(&root)?;
    let Some(seed) = progress.looked_at(seed) else {
        let again = seed.map_or("mystery".to_owned(), |seed| format!("mystery --seed {seed}"));
        bail!("you haven't looked at it yet: {} shows it", command(&again));
    };
    judged(&Store::open(&root)?, &root, &drawn(&catalog, seed)?, said, &Screen::detect())
}

/// An answer: what the catalog knows by this name, or the failure mode that a chapter is about.
fn understood<'a>(catalog: &'a Catalog, typed: &str) -> Result<&'a str, UnknownName> {
    let chapter =
        Mode::find(typed).and_then(|mode| mode.chapter.strip_prefix("scenarios/")?.strip_suffix("/chapter"));
    answer(catalog, chapter.unwrap_or(typed))
}

/// A seed that leads to one of these scenarios.
fn one_of(catalog: &Catalog, scenarios: &[&Scenario]) -> Option<u64> {
    let leads = |seed: &u64| {
        let drawn = Mystery::draw(catalog, *seed);
        drawn.is_some_and(|drawn| scenarios.iter().any(|scenario| scenario.slug == drawn.scenario.slug))
    };
    let seeds: Vec<u64> = (1..SEEDS).filter(leads).collect();
    fastrand::choice(seeds)
}

/// Whether this machine can run the mysteries of a scenario.
fn can_run(workbench: &Workbench, scenario: &Scenario, size: &str) -> bool {
    let request = Request { variants: sides(scenario), ..Request::new(scenario, size) };
    workbench.plan(&request).is_ok_and(|plan| plan.runs.iter().all(|run| run.lack.is_none()))
}

fn drawn(catalog: &Catalog, seed: u64) -> Result<Mystery<'_>> {
    Mystery::draw(catalog, seed).context("no scenario has a broken variant and a fixed one")
}

fn now() -> String {
    humantime::format_rfc3339_seconds(store::now()).to_string()
}

/// Runs the mystery in a folder that goes when it is over, since the record in it says what it is. Returns
/// the record, without all that names it.
fn observed(workbench: &Workbench, mystery: &Mystery<'_>, size: &str) -> Result<Record> {
    let Mystery { seed, scenario, variant } = *mystery;
    // All of them, because the one that is built now would be seen.
    for scenario in workbench.catalog.scenarios() {
        workbench.build(&scenario.slug)?;
    }
    let folder = TempDir::new_in(workbench.store.mysteries()?).context("a folder for the run")?;
    let program = folder.path().join(NAME);
    fs::copy(workbench.build(&scenario.slug)?, &program).context("a copy of the program")?;
    print("It runs in a sandbox, for some seconds ...\n\n");
    let run = workbench.run(&Request {
        variants: vec![variant.name.clone()],
        seed: Some(seed),
        start: Some(&|_| Start::from(program.as_path())),
        folder: Some(folder.path().to_owned()),
        ..Request::new(scenario, size)
    });
    let records = match run {
        Ok(run) => run.records,
        Err(error) => match error.downcast()? {
            // Its beginning is deleted with the folder.
            Stop::Interrupted(_) => return Err(Stop::Interrupted(None).into()),
            Stop::NotHere(why) => return instead(mystery, why),
            stop => return Err(stop.into()),
        },
    };
    let verdicts = judge(scenario, &records);
    let record = records.into_iter().next().context("a run makes a record")?;
    if let Some(why) = stopped(&record) {
        return instead(mystery, why);
    }
    // A picture of something else would be no fair question.
    if verdicts.iter().any(|verdict| verdict.status == Status::Fails) {
        let why = "the run isn't what its chapter shows, so nobody could recognise it. \
                   Try the same seed again, or another one";
        return Err(Stop::NotHere(why.into()).into());
    }
    Ok(veiled(record))
}

/// The reference machine's run, for what this machine can't do and why: that would be a clue.
fn instead(mystery: &Mystery<'_>, why: String) -> Result<Record> {
    let stand_in = reference::stand_ins(mystery.scenario, [mystery.variant.name.as_str()]).pop();
    let mut record = stand_in.ok_or(Stop::NotHere(why))?;
    record.header.stands_in = false;
    Ok(veiled(record))
}

/// Where the record of the mystery of a seed is kept.
fn place(store: &Store, seed: u64) -> Result<PathBuf> {
    Ok(store.mysteries()?.join(format!("{seed}.jsonl")))
}

/// Replaces an earlier veiled record of this seed with this one, and says where.
fn kept(store: &Store, seed: u64, record: &Record) -> Result<PathBuf> {
    let place = place(store, seed)?;
    let mut writer = Writer::create(&place)?;
    for line in record.clone().into_lines() {
        writer.write(&line)?;
    }
    writer.finish()?;
    Ok(place)
}

/// The view from outside: one curve large, the others small, and the end.
fn evidence(record: &Record, screen: &Screen) {
    let figures = METRICS.iter().filter_map(|name| {
        let metric = metrics::find(name)?;
        let mut figure = Figure::of(&[record], metric.name, metric.unit);
        figure.title = format!("{}: {}", metric.name, metric.meaning);
        Some((metric.name, figure))
    });
    for (place, (name, figure)) in figures.enumerate() {
        match (place, screen.describes) {
            (0, false) => print(&(shown_figure(&figure, screen) + "\n")),
            (_, true) => {
                describe(&figure).iter().for_each(|line| print(&screen.wrapped("", line)));
            }
            (_, false) => {
                // So small that it is a line.
                let width = screen.width.min(60).saturating_sub(24);
                let small = draw(&figure, width, 1, screen.palette, screen.charset);
                print(&format!("{name:<23} {}\n", small.concat()));
            }
        }
    }
    let limit = record.header.limits.tmpfs.unwrap_or(0) >> 20;
    let end = format!(
        "The end: {}, after {:.2} s. Its shared memory has room for {limit} MiB.",
        record.outcome(),
        record.duration() as f64 / 1e6
    );
    print(&format!("\n{}", screen.wrapped("", &end)));
}

/// What the answer may be.
fn choices(scenarios: &[&Scenario], screen: &Screen) {
    print("Which of these is it?\n");
    for scenario in scenarios {
        print(&format!("{:>2}  {:<16} {}\n", scenario.number, screen.bold(&scenario.slug), scenario.title));
    }
    print(&format!("    {:<16} nothing is wrong with it\n\n", screen.bold(HEALTHY)));
}

/// Says whether the answer is right, what it was and why, and keeps the first answer.
fn judged(store: &Store, root: &Path, mystery: &Mystery<'_>, said: &str, screen: &Screen) -> Result<u8> {
    let Mystery { seed, scenario, variant } = *mystery;
    let truth = mystery.truth();
    let is_right = said == truth;
    Progress::open(root)?.answered(seed, said, truth)?;
    let word = if is_right { screen.green("Right:") } else { screen.red("Not so:") };
    let healthy = format!("mystery {seed} is healthy. It's a way out of the trouble in {}", scenario.slug);
    let what = match truth {
        HEALTHY => format!("{healthy}: {}.", variant.title),
        slug => format!("mystery {seed} is {slug}: {}.", variant.title),
    };
    print(&format!("{word} {}", screen.wrapped("", &what)));
    print(&screen.wrapped("", &format!("Why: {}", scenario.lesson)));
    if let Ok(record) = Record::read_thinned(&place(store, seed)?, MAX_SAMPLES) {
        // The reference machine drew another seed.
        if record.header.seed != seed {
            print(&screen.wrapped("", &format!("{INSTEAD}.")));
        }
        print(&telling(&record, &scenario.slug, truth != HEALTHY, screen));
        print(&solution(&record, screen));
    }
    let chapter = scenario.folder.join(&scenario.chapter);
    print(&format!("Read:  {}\n", short(&chapter).display()));
    let again = format!("run {} {} --seed {seed}", scenario.number, variant.name);
    print(&format!("Again, with all names: {}\n", command(&again)));
    Ok(u8::from(!is_right))
}
