//! Tables over all scenarios, in Markdown, for the general chapters.

mod cost;
mod ends;
mod faithful;
mod fates;
mod fits;
mod metrics;
mod minutes;
mod modes;
mod peaks;
mod peers;
mod plan;
mod post;
mod prices;
mod race;
mod recorder;
mod room;
mod scaling;
mod soak;

use std::path::Path;

use anyhow::Result;
use lab::chart::amount;
use lab::model::metric::Unit;
use lab::scenario::{Quantity, Scenario};

use super::Fragments;
use super::template::markdown;
use crate::workbook::Workbook;

/// Every table, by its path.
///
/// # Errors
///
/// Names the sweep or the bench that was not recorded, and says what to type; or names the plan that does
/// not add up.
pub(super) fn all(workbook: &Workbook) -> Result<Fragments> {
    let lessons = &workbook.lessons;
    let tables = [
        ("cost", cost::table(lessons)),
        ("ends", ends::table(lessons)),
        ("fits", fits::table(lessons)?),
        ("metrics", metrics::table(lessons)),
        ("minutes", minutes::table(lessons)),
        ("modes", modes::table()),
        ("peaks", peaks::table(lessons)),
        ("peers", peers::table(lessons)),
        ("post", post::table(lessons)),
        ("prices", prices::table(lessons)),
        ("room", room::table(lessons)),
        ("scaling", scaling::table(lessons)),
        ("soak", soak::table(lessons)),
    ];
    let path = |name: &str| Path::new("book/src/made").join(name).with_extension("md");
    let plans = plan::tables(workbook)?;
    let plans = plans.into_iter().map(|(name, table)| (path(&name), table.text));
    let tables = tables.map(|(name, table)| (name, table.text));
    let pool = race::fragments(&workbook.root)?.into_iter().chain(faithful::fragments(&workbook.root)?);
    let tried = fates::fragments(&workbook.root)?;
    let matrix = modes::matrix(&workbook.root)?;
    let recorder = recorder::fragments(&workbook.root)?;
    let recorder = recorder.into_iter().map(|(name, text)| (path(&name), text));
    let made = tables.into_iter().chain(pool).chain(tried).map(|(name, text)| (path(name), text));
    Ok(made.chain(recorder).chain(plans).chain([(path("matrix"), matrix)]).collect())
}

/// A table in the making.
struct Table {
    text: String,
}

impl Table {
    /// A table with these heads, which are Markdown.
    fn new(heads: &[&str]) -> Self {
        let mut table = Table { text: String::new() };
        table.row(heads.iter().copied().map(str::to_owned));
        table.row(heads.iter().map(|_| "---".to_owned()));
        table
    }

    /// Adds a row of cells, which are Markdown.
    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

/// The name of a scenario, which leads to its chapter.
fn link(scenario: &Scenario) -> String {
    format!("[{0}](scenarios/{0}/{1})", scenario.slug, scenario.chapter.display())
}

/// A run: the scenario, and below it the variant. Tables have no room for two columns.
fn run(scenario: &Scenario, variant: &str) -> String {
    format!("{}<br>{}", link(scenario), code(variant))
}

/// A text that a program knows by this spelling.
fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Stands where there is nothing to say.
fn nothing() -> String {
    "–".to_owned()
}

/// A text for a cell.
fn plain(text: impl AsRef<str>) -> String {
    markdown(text)
}

/// A number with its unit, the larger ones in larger units.
pub(super) fn render(value: f64, quantity: Quantity) -> String {
    match quantity {
        Quantity::Mib => amount(Unit::Bytes, (value.max(0.0) * f64::from(1 << 20)).round() as u64),
        Quantity::Count | Quantity::Seconds | Quantity::Ratio => quantity.print(value),
    }
}
