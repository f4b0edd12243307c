//! `lab sweep`: a scenario at several values of one size, as a table, a picture and a line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::chart::svg::points;
use crate::model::verdict::Status;
use crate::reference;
use crate::report::run::places;
use crate::report::table::{Column, render};
use crate::scenario::{Quantity, Scenario, Sweep};
use crate::screen::{Screen, print, say};
use crate::store;
use crate::sweep::{self, Point};
use crate::workbench::{Request, Workbench};

/// The name of the picture next to the records.
const PICTURE: &str = "points.svg";

/// Run a scenario at several values of one size, and draw the result
#[derive(Debug, clap::Args)]
#[command(after_help = "\
On a cluster:
  lab sweep 1 array --slurm > array.sh    a job array, one task for each value; read it, change it
  sbatch array.sh
  lab sweep 1 array --gather sweep-array  the same table, picture and line from its tasks' records")]
pub(super) struct Args {
    /// The scenario: its name, or its number
    scenario: String,
    /// The sweep; by default all of the scenario
    sweep: Option<String>,
    /// Add the records to the scenario's recorded results, if the law holds everywhere
    #[arg(long)]
    reference: bool,
    /// Don't run anything; print a job array for Slurm, with one task for each value
    #[arg(long, conflicts_with_all = ["reference", "gather", "point"])]
    slurm: bool,
    /// Don't run anything; judge the records of such tasks
    #[arg(long, value_name = "FOLDER", conflicts_with = "point")]
    gather: Option<PathBuf>,
    /// Run only this value, as a job array's tasks do
    #[arg(long, value_name = "VALUE", requires = "into", conflicts_with = "reference")]
    point: Option<u64>,
    /// With --point: put the records into this folder
    #[arg(long, value_name = "FOLDER", requires = "point")]
    into: Option<PathBuf>,
}

impl Args {
    /// Runs one sweep of the scenario, or all of them; the exit code is the worst of all.
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let scenario = workbench.catalog.find(&self.scenario)?;
        let sweeps = match &self.sweep {
            Some(id) => vec![scenario.sweep(id)?],
            None if scenario.sweeps.is_empty() => {
                bail!("{} has no sweep; `lab list --all` shows which scenarios have one", scenario.slug)
            }
            None => scenario.sweeps.iter().collect(),
        };
        if let ([_, _, ..], true) = (&sweeps[..], self.is_elsewhere()) {
            let names: Vec<&str> = sweeps.iter().map(|sweep| sweep.id.as_str()).collect();
            bail!("say which sweep: {} has {}", scenario.slug, names.join(", "));
        }
        let screen = Screen::detect();
        let mut worst = Status::Holds;
        for sweep in sweeps {
            if self.slurm {
                let lab = std::env::current_exe().context("the path of lab itself")?;
                print(&sweep::slurm(scenario, sweep, &lab, &store::root()?));
                continue;
            }
            print(&format!("{}\n", screen.bold(&format!("{}: {}", sweep.id, sweep.title))));
            let (points, folder) = match &self.gather {
                Some(folder) => (sweep::read_in(scenario, sweep, folder)?, folder.clone()),
                None => self.points(&workbench, scenario, sweep)?,
            };
            // One value has no line, and a picture would be in the way of that of other tasks.
            if self.point.is_some() {
                print(&format!("\n{}", table(sweep, &points, &screen)));
            } else {
                draw(scenario, sweep, &points, &folder);
                print(&format!("\n{}\n", report(scenario, sweep, &points, &folder, &screen)));
            }
            let status = points.iter().map(Point::status).max().unwrap_or(Status::Holds);
            if self.reference {
                if status != Status::Holds {
                    bail!("the law doesn't hold everywhere, so the recorded sweep stays as it is");
                }
                reference::keep_sweep(scenario, sweep, &folder)?;
            }
            worst = worst.max(status);
        }
        Ok(worst.exit_code())
    }

    /// Whether its runs are a job's, or were.
    fn is_elsewhere(&self) -> bool {
        self.slurm || self.gather.is_some() || self.point.is_some()
    }

    /// Runs a sweep, or one value of it, and returns its points with the folder of their records.
    fn points(
        &self,
        workbench: &Workbench,
        scenario: &Scenario,
        sweep: &Sweep,
    ) -> Result<(Vec<Point>, PathBuf)> {
        let values: Vec<u64> = sweep
            .values
            .iter()
            .copied()
            .filter(|&value| self.point.is_none_or(|only| only == value))
            .collect();
        if values.is_empty() {
            let values: Vec<String> = sweep.values.iter().map(u64::to_string).collect();
            bail!("the values of {} are {}", sweep.id, values.join(", "));
        }
        let folder = match &self.into {
            Some(folder) => folder.clone(),
            None => workbench.store.begin_aside(&scenario.slug, &sweep.folder())?,
        };
        let mut records = Vec::new();
        for value in values {
            print(&format!("{} = {value} ...\n", sweep.size));
            let folder = folder.join(value.to_string());
            if self.into.is_some() {
                fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
            }
            let request = Request {
                variants: sweep.variants.clone(),
                set: vec![(sweep.size.clone(), value)],
                folder: Some(folder),
                ..Request::new(scenario, &sweep.from)
            };
            records.push(workbench.run(&request)?.records);
        }
        Ok((sweep::points(scenario, sweep, records), folder))
    }
}

fn draw(scenario: &Scenario, sweep: &Sweep, points: &[Point], folder: &Path) {
    let picture = folder.join(PICTURE);
    let prefix = format!("{}-{}", scenario.slug, sweep.id);
    if let Err(error) = fs::write(&picture, points::draw(&sweep::picture(sweep, points), &prefix)) {
        say(&format!("{}: {error}", picture.display()));
    }
}

/// The points as a table, then the line through those of each variant, then where the files are.
fn report(scenario: &Scenario, sweep: &Sweep, points: &[Point], folder: &Path, screen: &Screen) -> String {
    let mut text = table(sweep, points, screen);
    text.push('\n');
    for variant in &sweep.variants {
        if let Some(line) = sweep::fit(sweep, points, variant) {
            let (up, across) = (sweep.y.words(), sweep::across_name(sweep));
            let one = sweep.across().print(1.0);
            let unit = sweep.y.quantity();
            let fits = line.r_squared.map(|share| format!(", r squared {}", Quantity::Ratio.print(share)));
            let post = sweep::at_post(scenario, sweep, variant, &line);
            let post =
                post.map(|value| format!(" At the post's own size it is {}.", sweep::shown(unit, value)));
            let sentence = format!(
                "{variant}: {up} grows by {} for each {one} of {across}, from {} on{}.{}",
                unit.print(rounded(line.slope)),
                unit.print(rounded(line.start)),
                fits.unwrap_or_default(),
                post.unwrap_or_default(),
            );
            text.push_str(&screen.wrapped("", &sentence));
        }
    }
    text.push_str(&places(PICTURE, folder));
    text
}

fn table(sweep: &Sweep, points: &[Point], screen: &Screen) -> String {
    let number =
        |quantity: Quantity, value: Option<f64>| value.map_or("-".into(), |value| quantity.print(value));
    let bound = |point: &Point| point.law(sweep).map(|law| law.bound_text.clone()).unwrap_or_default();
    let verdict = |point: &Point| match point.status() {
        Status::Unknown(why) => format!("UNKNOWN: {why}"),
        status => status.word().to_uppercase(),
    };
    let mut columns = vec![
        Column::left("variant", points.iter().map(|point| point.variant.clone())),
        Column::right(&sweep.size, points.iter().map(|point| point.value.to_string())),
    ];
    if let Some(x) = &sweep.x {
        let cells = points.iter().map(|point| number(x.quantity(), point.x));
        columns.push(Column::right(&x.words(), cells));
    }
    let (name, unit) = (sweep.y.words(), sweep.y.quantity());
    columns.push(Column::right(&name, points.iter().map(|point| number(unit, point.y))));
    columns.push(Column::left(&format!("must be ({})", sweep.claim), points.iter().map(bound)));
    columns.push(Column::left("verdict", points.iter().map(verdict)));
    render(columns, screen)
}

/// A number without the digits that a fit only invents.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
