//! The race of the pool against joblib, from the results of its bench.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Table, nothing};
use crate::fragments::template::{markdown, prose};

/// Where the bench writes its results.
const RESULT: &str = "harness/pool/results/race.json";

/// What the pages need of them.
#[derive(Deserialize)]
struct Race {
    contests: Vec<Row>,
    limits: Vec<Row>,
    machine: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
    sizes: BTreeMap<String, u64>,
    rounds: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Row {
    says: String,
    unit: Unit,
    ours: Spread,
    others: Vec<Spread>,
    ratio: Spread,
    goal: Option<f64>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Seconds,
    Bytes,
}

#[derive(Deserialize, Clone, Copy)]
struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

/// The table against joblib, that against the limits, and where both come from in one line.
///
/// # Errors
///
/// When there is no result that can be read, and what to type.
pub(super) fn fragments(root: &Path) -> Result<[(&'static str, String); 3]> {
    let path = root.join(RESULT);
    let remedy =
        || format!("{RESULT} (`cargo bench --package labpool --bench race -- --reference` writes it)");
    let text = fs::read_to_string(path).with_context(remedy)?;
    let race: Race = serde_json::from_str(&text).with_context(remedy)?;
    let heads = [
        "Work",
        "labpool",
        "joblib, multiprocessing",
        "joblib, loky",
        "The better of them : labpool",
        "Goal",
    ];
    let mut contests = Table::new(&heads);
    for row in &race.contests {
        contests.row(row.cells(|ratio, goal| ratio >= goal, "at least"));
    }
    let mut limits = Table::new(&["Work, and its limit", "labpool", "the limit", "labpool : limit", "Goal"]);
    for row in &race.limits {
        limits.row(row.cells(|ratio, goal| ratio <= goal, "at most"));
    }
    Ok([("race", contests.text), ("race-limits", limits.text), ("race-stamp", race.stamp())])
}

impl Race {
    fn stamp(&self) -> String {
        let machine = |name: &str| markdown(self.machine.get(name).map_or("unknown", String::as_str));
        let versions: Vec<String> =
            self.versions.iter().map(|(name, version)| markdown(format!("{name} {version}"))).collect();
        let size = |name: &str| self.sizes.get(name).copied().unwrap_or_default();
        format!(
            "{} rounds on {}, {}, {} processors, {} MiB of memory, with {}. \
             The array of `fixed` has {} MiB, and the large one {} MiB.\n",
            self.rounds.len(),
            machine("kernel"),
            machine("arch"),
            machine("processors"),
            machine("memory_mib"),
            versions.join(", "),
            size("array_mib"),
            size("large_mib"),
        )
    }
}

impl Row {
    fn cells(&self, meets: impl Fn(f64, f64) -> bool, bound: &str) -> Vec<String> {
        let all = std::iter::once(&self.ours).chain(&self.others);
        let all = all.map(|spread| spread.render(|value| self.unit.render(value)));
        let goal = self.goal.map_or_else(nothing, |goal| {
            format!("{bound} {goal}: {}", if meets(self.ratio.median, goal) { "met" } else { "not met" })
        });
        let ratio = self.ratio.render(three_digits);
        let says = std::iter::once(prose(&self.says));
        says.chain(all).chain([ratio, goal]).collect()
    }
}

impl Spread {
    /// The median, and below it the lowest and the highest.
    fn render(self, number: impl Fn(f64) -> String) -> String {
        format!("{}<br>({} … {})", number(self.median), number(self.low), number(self.high))
    }
}

impl Unit {
    fn render(self, value: f64) -> String {
        match self {
            Unit::Seconds => format!("{} ms", three_digits(value * 1e3)),
            Unit::Bytes => format!("{} MiB", three_digits(value / f64::from(1 << 20))),
        }
    }
}

/// A number with three digits, or with all that stand before the point.
fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}
