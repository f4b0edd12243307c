//! `lab sweep`: a scenario at several values of one size, as a table, a picture and a line.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::run::Keep;
use super::{Done, Lab, interrupted, not_here};
use crate::chart::svg::points;
use crate::model::verdict::Status;
use crate::reference;
use crate::report::live::View;
use crate::scenario::{Measure, Quantity, Scenario, Sweep};
use crate::screen::{Screen, print};
use crate::sweep::{self, Point};
use crate::workbench::plan::Request;

/// The name of the picture beside the records.
const PICTURE: &str = "points.svg";

const STRING: &str = "a string takes all text";

/// Runs one sweep of the scenario, or all of them; the exit code is the worst of all.
pub(crate) fn sweep(name: &str, id: Option<&str>, keep: Keep) -> Result<u8> {
    let lab = Lab::open()?;
    let scenario = lab.catalog.find(name)?;
    let sweeps = match id {
        Some(id) => vec![scenario.sweep(id)?],
        None if scenario.sweeps.is_empty() => {
            bail!("{} has no sweep; `lab list` shows who has", scenario.slug)
        }
        None => scenario.sweeps.iter().collect(),
    };
    let screen = Screen::detect();
    let mut worst = Status::Holds;
    for sweep in sweeps {
        print(&format!("{}\n", screen.bold(&format!("{}: {}", sweep.id, sweep.title))));
        let folder = lab.store.begin_aside(&scenario.slug, &sweep.folder())?;
        let mut records = Vec::new();
        for value in &sweep.values {
            let begin = || {
                let folder = folder.join(value.to_string());
                fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
                Ok(folder)
            };
            print(&format!("{} = {value} ...\n", sweep.size));
            match lab.run_in(scenario, &request(sweep, *value), screen, View::Nothing, begin)? {
                Done::Ran(together, _) => records.push(together),
                Done::NotHere(why) => return Ok(not_here(why)),
                Done::Interrupted(_) => return Ok(interrupted(Some(folder))),
            }
        }
        let points = sweep::points(scenario, sweep, records);
        draw(scenario, sweep, &points, &folder);
        print(&format!("\n{}\n", told(scenario, sweep, &points, &folder, &screen)));
        let status = points.iter().map(Point::status).max().unwrap_or(Status::Holds);
        if keep == Keep::Reference {
            if status != Status::Holds {
                bail!("the law does not hold everywhere, so the recorded sweep stays as it is");
            }
            reference::keep_sweep(scenario, sweep, &folder)?;
        }
        worst = worst.max(status);
    }
    Ok(worst.exit_code())
}

/// A request for the sweep's variants at one value.
fn request(sweep: &Sweep, value: u64) -> Request {
    Request {
        variants: sweep.variants.clone(),
        size: sweep.from.clone(),
        set: vec![(sweep.size.clone(), value)],
        seed: None,
    }
}

fn draw(scenario: &Scenario, sweep: &Sweep, points: &[Point], folder: &Path) {
    let picture = folder.join(PICTURE);
    let prefix = format!("{}-{}", scenario.slug, sweep.id);
    if let Err(error) = fs::write(&picture, points::draw(&sweep::picture(sweep, points), &prefix)) {
        eprintln!("lab: {}: {error}", picture.display());
    }
}

/// The points as a table, then the line through those of each variant, then where the files are.
fn told(scenario: &Scenario, sweep: &Sweep, points: &[Point], folder: &Path, screen: &Screen) -> String {
    let mut rows = vec![heading(sweep)];
    rows.extend(points.iter().map(|point| row(sweep, point)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        writeln!(text, "{}", if number == 0 { screen.bold(&line) } else { line }).expect(STRING);
    }
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
    writeln!(text, "Picture: {}", folder.join(PICTURE).display()).expect(STRING);
    writeln!(text, "Records: {}", folder.display()).expect(STRING);
    text
}

fn heading(sweep: &Sweep) -> Vec<String> {
    let mut cells = vec!["variant".to_owned(), sweep.size.clone()];
    cells.extend(sweep.x.as_ref().map(Measure::words));
    cells.extend([sweep.y.words(), format!("must be ({})", sweep.claim), String::new()]);
    cells
}

fn row(sweep: &Sweep, point: &Point) -> Vec<String> {
    let print = |quantity: Quantity, value: Option<f64>| match value {
        Some(value) => quantity.print(value),
        None => "-".to_owned(),
    };
    let mut cells = vec![point.variant.clone(), point.value.to_string()];
    cells.extend(sweep.x.as_ref().map(|x| print(x.quantity(), point.x)));
    let law = point.law(sweep).map(|law| law.bound_text.clone());
    let status = match point.status() {
        Status::Holds => "HOLDS".to_owned(),
        Status::Fails => "FAILS".to_owned(),
        Status::Unknown(why) => format!("UNKNOWN: {why}"),
    };
    cells.extend([print(sweep.y.quantity(), point.y), law.unwrap_or_default(), status]);
    cells
}

/// A number without the digits that a fit only invents.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
