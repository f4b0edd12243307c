//! What the recorder sees, misses and costs, from what its bench has results.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Table, nothing};
use crate::fragments::template::{markdown, prose};

/// Where the bench writes its results.
const RESULT: &str = "harness/results/recorder.json";

/// What the pages need of them.
#[derive(Deserialize)]
struct Results {
    recorded: String,
    machine: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
    rounds: usize,
    tables: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
struct Part {
    heads: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<String>,
    goal: Option<Goal>,
}

#[derive(Deserialize)]
struct Goal {
    says: String,
    met: bool,
}

/// A table for each part, and where all come from in one line.
///
/// # Errors
///
/// When there is no result that can be read, and what to type.
pub(super) fn fragments(root: &Path) -> Result<Vec<(String, String)>> {
    let remedy =
        || format!("{RESULT} (`cargo bench --package lab --bench recorder -- --reference` writes it)");
    let text = fs::read_to_string(root.join(RESULT)).with_context(remedy)?;
    let results: Results = serde_json::from_str(&text).with_context(remedy)?;
    let tables = results.tables.iter().map(|(name, part)| (format!("recorder-{name}"), part.table().text));
    Ok(tables.chain([("recorder-stamp".to_owned(), results.stamp())]).collect())
}

impl Results {
    fn stamp(&self) -> String {
        let machine = |name: &str| markdown(self.machine.get(name).map_or("unknown", String::as_str));
        let versions: Vec<String> =
            self.versions.iter().map(|(name, version)| markdown(format!("{name} {version}"))).collect();
        format!(
            "{} rounds on {}, on {}, {}, {} processors, {} MiB of memory, {}, user: {}; with {}.\n",
            self.rounds,
            self.recorded.split('T').next().unwrap_or_default(),
            machine("kernel"),
            machine("arch"),
            machine("processors"),
            machine("memory_mib"),
            machine("memory_limit"),
            machine("user"),
            versions.join(", "),
        )
    }
}

impl Part {
    fn table(&self) -> Table {
        let goals = self.rows.iter().any(|row| row.goal.is_some()).then(|| "Goal".to_owned());
        let heads: Vec<String> = self.heads.iter().map(|head| capital(head)).chain(goals).collect();
        let mut table = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
        for row in &self.rows {
            let goal = row.goal.as_ref().map_or_else(nothing, |goal| {
                format!("{}: {}", prose(&goal.says), if goal.met { "met" } else { "not met" })
            });
            table.row(row.cells.iter().map(|cell| prose(cell)).chain([goal]));
        }
        table
    }
}

/// A head as a page has it: with a capital letter.
pub(super) fn capital(head: &str) -> String {
    let mut letters = head.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
