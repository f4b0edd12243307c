//! The records of a sweep -> points with their verdicts, and the line through them.
//!
//! A sweep's folder has a folder for each value, and that has the record of each variant:
//! `sweep-array/8/broken.jsonl`. The recorded ones are in the scenario's folder of results.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::chart::amount;
use crate::chart::svg::points::{Dot, Points, Reach, Trail};
use crate::judge::{Line, judge, measured};
use crate::model::metric::Unit;
use crate::model::record::Record;
use crate::model::verdict::{ENDS, Status, Verdict, WORK, overall};
use crate::scenario::{Against, Quantity, Scenario, Sweep};

/// One variant at one value of the size that is swept.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The variant.
    pub variant: String,
    /// The value of the size, as scenario.toml counts it.
    pub value: u64,
    /// Its horizontal position, in the unit of [`Sweep::across`]; `None` if it was unavailable.
    pub x: Option<f64>,
    /// Its vertical position, in the unit of the sweep's `y`; `None` if it was unavailable.
    pub y: Option<f64>,
    /// How the run ended, whether its work was done, and whether the law held.
    pub(crate) verdicts: Vec<Verdict>,
    /// The record of the run.
    pub record: Record,
}

impl Point {
    /// Whether the run ended as expected, did its work and kept the law.
    pub fn status(&self) -> Status {
        overall(&self.verdicts)
    }

    /// The verdict on the law itself.
    pub fn law(&self, sweep: &Sweep) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.claim == sweep.claim)
    }
}

/// The points of the recorded sweep of a scenario: variant by variant, and in the order of the values.
///
/// # Errors
///
/// The first record that is missing or of another sweep, with what to type to make it.
pub fn read(scenario: &Scenario, sweep: &Sweep) -> Result<Vec<Point>> {
    let again = || format!("`lab sweep {} {} --reference` records it again", scenario.slug, sweep.id);
    read_in(scenario, sweep, &scenario.results().join(sweep.folder())).with_context(again)
}

/// The points whose records are in this folder, in the same order.
///
/// # Errors
///
/// The first record that is missing or of another sweep.
pub(crate) fn read_in(scenario: &Scenario, sweep: &Sweep, folder: &Path) -> Result<Vec<Point>> {
    let read = |value: &u64| records(sweep, *value, &folder.join(value.to_string()));
    let records: Result<Vec<_>> = sweep.values.iter().map(read).collect();
    Ok(points(scenario, sweep, records?))
}

/// A job array for Slurm that runs the sweep, one task for each value, as a script that people can read and change.
/// `lab` is the program, and `root` the workbook.
pub(crate) fn slurm(scenario: &Scenario, sweep: &Sweep, lab: &Path, root: &Path) -> String {
    let (slug, id, folder, size) = (&scenario.slug, &sweep.id, sweep.folder(), &sweep.size);
    let (last, values) = (sweep.values.len().saturating_sub(1), sweep.values.iter().map(u64::to_string));
    let (values, variants) = (values.collect::<Vec<_>>().join(" "), sweep.variants.join(", "));
    let (lab, root) = (quoted(lab), quoted(root));
    format!(
        "\
#!/bin/bash
# The sweep {id} of {slug}: {variants} at each value of {size}, one task for each value.
# Change what your cluster needs, and submit it with sbatch. When all tasks are done,
#   lab sweep {slug} {id} --gather {folder}
# judges and fits their records as if they had been made in one place.
#SBATCH --job-name={slug}-{id}
#SBATCH --array=0-{last}
#SBATCH --ntasks=1
#SBATCH --output={folder}-%a.out
##SBATCH --mem=4G
set -euo pipefail

values=({values})
value=${{values[$SLURM_ARRAY_TASK_ID]}}
# A folder that all nodes share: the one that it was submitted from, unless you name another.
folder=${{LAB_SWEEP_FOLDER:-$PWD/{folder}}}
cd {root}
exec {lab} sweep {slug} {id} --point \"$value\" --into \"$folder\"
"
    )
}

/// A path as a word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// The points of these records, which come value by value.
pub(crate) fn points(scenario: &Scenario, sweep: &Sweep, records: Vec<Vec<Record>>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for together in records {
        let verdicts = judge(scenario, &together);
        for record in together {
            let is_shown = |verdict: &&Verdict| {
                verdict.variant == record.header.variant
                    && [ENDS, WORK, &sweep.claim].contains(&verdict.claim.as_str())
            };
            let verdicts = verdicts.iter().filter(is_shown).cloned().collect();
            points.push(point(sweep, record, verdicts));
        }
    }
    let place = |point: &Point| sweep.variants.iter().position(|variant| *variant == point.variant);
    points.sort_by_key(|point| (place(point), point.value));
    points
}

/// The line through the points of one variant: the law as this machine shows it.
///
/// `None` if x is measured and not chosen, or if fewer than three points have both numbers.
pub fn fit(sweep: &Sweep, points: &[Point], variant: &str) -> Option<Line> {
    let own = points.iter().filter(|point| point.variant == variant);
    let own: Vec<(f64, f64)> = own.filter_map(|point| Some((point.x?, point.y?))).collect();
    if sweep.x.is_some() || own.len() < 3 { None } else { Line::through(&own) }
}

/// Where the line of a variant is at the post's own size, in the unit of the sweep's `y`.
///
/// `None` if the post's other sizes that the law speaks of aren't those of the sweep: then the line
/// is another one there.
pub(crate) fn at_post(scenario: &Scenario, sweep: &Sweep, variant: &str, line: &Line) -> Option<f64> {
    let (from, post) = (scenario.sizes.get(&sweep.from)?, scenario.sizes.get("post")?);
    let claim = scenario.claims.iter().find(|claim| claim.id == sweep.claim)?;
    let Against::Sizes(law) = &claim.bounds.get(variant)?.against else { return None };
    let mut others = law.times.iter().filter(|name| **name != sweep.size);
    others.all(|name| from[name] == post[name]).then(|| line.at(across(sweep, post[&sweep.size])))
}

/// The picture of a sweep, which [`chart::svg::points::draw`](crate::chart::svg::points::draw) draws.
pub fn picture(sweep: &Sweep, points: &[Point]) -> Points {
    let (quantity, up) = (sweep.across(), sweep.y.quantity());
    let dot = |point: &Point| {
        // Where x is the value itself, the axis shows it.
        let label = sweep.x.as_ref().map(|_| point.value.to_string()).unwrap_or_default();
        Some(Dot { x: whole(quantity, point.x?), y: whole(up, point.y?), label })
    };
    let trail = |variant: &String| {
        let own = points.iter().filter(|point| point.variant == *variant);
        Trail { label: variant.clone(), dots: own.filter_map(dot).collect() }
    };
    Points {
        title: sweep.title.clone(),
        x: Reach { label: across_name(sweep), unit: unit(quantity) },
        y: Reach { label: sweep.y.words(), unit: unit(up) },
        trails: sweep.variants.iter().map(trail).collect(),
    }
}

/// The horizontal quantity, in words.
pub(crate) fn across_name(sweep: &Sweep) -> String {
    match &sweep.x {
        Some(measure) => measure.words(),
        None => size_name(&sweep.size),
    }
}

/// A size in words, without its unit.
pub fn size_name(size: &str) -> String {
    let bare = size.strip_suffix("_mib").or(size.strip_suffix("_kib")).unwrap_or(size);
    bare.replace('_', " ")
}

/// A number in the unit that suits its size, such as `126 GiB` of 129024 MiB.
pub(crate) fn shown(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Mib | Quantity::Seconds => amount(unit(quantity), whole(quantity, value)),
        Quantity::Count | Quantity::Ratio => quantity.print(value.round()),
    }
}

fn point(sweep: &Sweep, record: Record, verdicts: Vec<Verdict>) -> Point {
    let value = record.header.sizes.get(&sweep.size).copied().unwrap_or(0);
    let x = match &sweep.x {
        Some(measure) => measured(measure, &record).ok(),
        None => Some(across(sweep, value)),
    };
    Point {
        variant: record.header.variant.clone(),
        value,
        x,
        y: measured(&sweep.y, &record).ok(),
        verdicts,
        record,
    }
}

/// Where a value of the size that is swept is across.
fn across(sweep: &Sweep, value: u64) -> f64 {
    if sweep.size.ends_with("_kib") { value as f64 / 1024.0 } else { value as f64 }
}

/// The records of all variants at one value, in the order of the sweep.
fn records(sweep: &Sweep, value: u64, folder: &Path) -> Result<Vec<Record>> {
    let read = |variant: &String| {
        let path = folder.join(format!("{variant}.jsonl"));
        let record = Record::read(&path)?;
        if record.header.sizes.get(&sweep.size) != Some(&value) || record.header.variant != *variant {
            bail!("{} isn't the record of {variant} with {} = {value}", path.display(), sweep.size);
        }
        Ok(record)
    };
    sweep.variants.iter().map(read).collect()
}

fn unit(quantity: Quantity) -> Unit {
    match quantity {
        Quantity::Mib => Unit::Bytes,
        Quantity::Seconds => Unit::Microseconds,
        Quantity::Count | Quantity::Ratio => Unit::Count,
    }
}

/// A number in the whole units that pictures are drawn in. A negative number is drawn as 0.
fn whole(quantity: Quantity, value: f64) -> u64 {
    let units = match quantity {
        Quantity::Mib => f64::from(1 << 20),
        Quantity::Seconds => 1e6,
        Quantity::Count | Quantity::Ratio => 1.0,
    };
    (value * units).round() as u64
}
