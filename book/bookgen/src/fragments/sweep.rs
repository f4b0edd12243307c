//! The figures of sweeps: the same work with one size at several values.
//!
//! A sweep over a size shows a law, and all laws are in one general chapter. A sweep with
//! something measured across shows a price, and belongs to the chapter of its scenario.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use lab::chart::svg;
use lab::scenario::{Measure, Quantity, Scenario, Sweep};
use lab::sweep::{self, Point};
use tera::Context;

use super::tables::render;
use super::{Fragments, template};
use crate::workbook::{Lesson, Workbook, stamp};

/// The figure and the points of every sweep, by their paths.
///
/// # Errors
///
/// Names the sweep that was not recorded, and says what to type.
pub(super) fn all(workbook: &Workbook) -> Result<Fragments> {
    let mut made = Fragments::new();
    for lesson in &workbook.lessons {
        for sweep in &lesson.scenario.sweeps {
            let points = sweep::read(&lesson.scenario, sweep)?;
            let place = Place::of(lesson, sweep);
            made.insert(
                place.folder.join(format!("{}.html", place.name)),
                html(lesson, sweep, &points, &place)?,
            );
            made.insert(place.folder.join(format!("{}.csv", place.name)), csv(sweep, &points));
        }
    }
    Ok(made)
}

/// Where the figure of a sweep is kept.
struct Place {
    folder: PathBuf,
    /// The folder as the page sees it that includes the figure.
    seen: &'static str,
    name: String,
}

impl Place {
    fn of(lesson: &Lesson, sweep: &Sweep) -> Self {
        match sweep.x {
            Some(_) => Place {
                folder: lesson.results().join("figures"),
                seen: "results/figures",
                name: sweep.id.clone(),
            },
            None => Place {
                folder: "book/src/figures".into(),
                seen: "figures",
                name: format!("{}-{}", lesson.scenario.slug, sweep.id),
            },
        }
    }
}

/// The figure as one block.
fn html(lesson: &Lesson, sweep: &Sweep, points: &[Point], place: &Place) -> Result<String> {
    let id = format!("fig-{}-{}", lesson.scenario.slug, sweep.id);
    let mut context = Context::new();
    let picture = sweep::picture(sweep, points);
    let narrow = svg::points::draw_narrow(&picture, &template::narrow(&id));
    context.insert("drawn", &template::drawn(&svg::points::draw(&picture, &id), &narrow));
    context.insert("id", &id);
    context.insert("title", &sweep.title);
    context.insert("link", &format!("{}/{}.csv", place.seen, place.name));
    context.insert("stamp", &points.first().map(|point| stamp(&point.record)));
    context.insert("heads", &heads(sweep));
    context
        .insert("rows", &points.iter().map(|point| row(&lesson.scenario, sweep, point)).collect::<Vec<_>>());
    template::block("points.html", &context)
}

fn heads(sweep: &Sweep) -> Vec<String> {
    let mut heads = vec!["variant".to_owned(), sweep::size_name(&sweep.size)];
    heads.extend(sweep.x.as_ref().map(Measure::words));
    heads.extend([sweep.y.words(), "the law".to_owned()]);
    heads
}

/// A line of the table: the law is what the claim demands at this point.
fn row(scenario: &Scenario, sweep: &Sweep, point: &Point) -> Vec<String> {
    let number =
        |value: Option<f64>, quantity| value.map_or("not measured".into(), |value| render(value, quantity));
    let size = if sweep.x.is_some() { Some(point.value as f64) } else { point.x };
    let of_size = if sweep.x.is_some() { Quantity::Count } else { sweep.across() };
    let mut row = vec![point.variant.clone(), number(size, of_size)];
    row.extend(sweep.x.as_ref().map(|measure| number(point.x, measure.quantity())));
    row.push(number(point.y, sweep.y.quantity()));
    let law = point.law(sweep).map_or_else(String::new, |verdict| verdict.bound_text.clone());
    // The claim may be about something else than what is drawn.
    let claim = scenario.claims.iter().find(|claim| claim.id == sweep.claim);
    row.push(match claim {
        Some(claim) if claim.measure != sweep.y => format!("{}: {law}", claim.measure.words()),
        _ => law,
    });
    row
}

/// The points, a line each.
fn csv(sweep: &Sweep, points: &[Point]) -> String {
    let unit = |quantity| match quantity {
        Quantity::Mib => "MiB",
        Quantity::Seconds => "seconds",
        Quantity::Count | Quantity::Ratio => "count",
    };
    let (across, up) = (unit(sweep.across()), unit(sweep.y.quantity()));
    let mut text = format!("variant,{},x in {across},y in {up}\n", sweep.size);
    for Point { variant, value, x, y, .. } in points {
        let number = |value: &Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        writeln!(text, "{variant},{value},{},{}", number(x), number(y)).expect("a string takes all text");
    }
    text
}
