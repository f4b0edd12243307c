//! The lines through the points of the sweeps, carried on to the post's sizes.

use anyhow::Result;
use lab::judge::Line;
use lab::scenario::{Quantity, Scenario, Sweep};
use lab::sweep::{self, Point};

use super::scaling::bound_of;
use super::{Table, nothing, plain, render, run};
use crate::workbook::Lesson;

/// A row for each variant of each sweep whose points have a line.
///
/// # Errors
///
/// Names the sweep that was not recorded.
pub(super) fn table(lessons: &[Lesson]) -> Result<Table> {
    let mut table =
        Table::new(&["Run", "What was swept", "From … to …", "For each 1 more", "r²", "At the post's sizes"]);
    for scenario in lessons.iter().map(|lesson| &lesson.scenario) {
        for sweep in &scenario.sweeps {
            let points = sweep::read(scenario, sweep)?;
            for variant in &sweep.variants {
                if let Some(line) = sweep::fit(sweep, &points, variant) {
                    table.row(row(scenario, sweep, variant, &points, line));
                }
            }
        }
    }
    Ok(table)
}

fn row(scenario: &Scenario, sweep: &Sweep, variant: &str, points: &[Point], line: Line) -> [String; 6] {
    let up = sweep.y.quantity();
    let mut own = points.iter().filter(|point| point.variant == variant).filter_map(|point| point.x);
    let (first, last) = (own.next().unwrap_or(0.0), own.next_back().unwrap_or(0.0));
    let ends = [first, last].map(|x| render(x, sweep.across()));
    [
        run(scenario, variant),
        plain(&sweep.title),
        ends.join(" … "),
        slope(line.slope, up),
        line.r_squared.map_or_else(nothing, |share| format!("{share:.4}")),
        at_post(scenario, sweep, variant).map_or_else(nothing, |x| render(line.at(x), up)),
    ]
}

/// How steep the line is, in the unit of what is measured.
fn slope(slope: f64, up: Quantity) -> String {
    let unit = if up == Quantity::Mib { " MiB" } else { "" };
    // A little less than nothing would be printed as -0.
    let near = (slope * 100.0).round() / 100.0 + 0.0;
    format!("{near}{unit}")
}

/// The post's value of the size that was swept, where the other sizes of the law were the post's already.
fn at_post(scenario: &Scenario, sweep: &Sweep, variant: &str) -> Option<f64> {
    let (post, from) = (scenario.sizes.get("post")?, scenario.sizes.get(&sweep.from)?);
    let bound = bound_of(scenario, &sweep.claim, variant)?;
    let others = bound.times.iter().filter(|name| **name != sweep.size);
    let mut others = others.map(|name| post.get(name) == from.get(name));
    let factor = if sweep.size.ends_with("_kib") { 1.0 / 1024.0 } else { 1.0 };
    others.all(|same| same).then_some(post[&sweep.size] as f64 * factor)
}
