//! What was tried to break the recorder, and how often it held, as the test of fates has written it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::recorder::capital;
use super::{Table, nothing, plain};
use crate::fragments::template::prose;

/// Where the test writes its rates.
const RESULT: &str = "harness/results/fates.json";

#[derive(Deserialize)]
struct Results {
    recorded: String,
    machine: String,
    /// By the kind of what was tried, and then by the way.
    rates: BTreeMap<String, BTreeMap<String, Rate>>,
}

#[derive(Deserialize)]
struct Rate {
    right: u64,
    of: u64,
    open: u64,
}

/// The ways, as the test and the page name them.
const WAYS: [(&str, &str); 4] = [
    ("watched::root", "Watched, root"),
    ("watched::user", "Watched, user"),
    ("confined::root", "Sandbox, root"),
    ("confined::user", "Sandbox, user"),
];

/// How the kinds begin that have a table of their own, since a process is killed many times.
const KILLS: &str = "kill -9 of ";

/// The ways of those.
const PLACES: [(&str, &str); 2] =
    [("with namespaces", "With namespaces"), ("without namespaces", "Without namespaces")];

/// A table of the cases, one of the kills, and where all come from in one line.
///
/// # Errors
///
/// When there are no rates that can be read, and what to type.
pub(super) fn fragments(root: &Path) -> Result<[(&'static str, String); 3]> {
    let remedy = || {
        format!(
            "{RESULT} (`FATES_REFERENCE=1 FATES_KILLS=100 cargo test --package lab --test fates` writes it)"
        )
    };
    let text = fs::read_to_string(root.join(RESULT)).with_context(remedy)?;
    let results: Results = serde_json::from_str(&text).with_context(remedy)?;
    let day = results.recorded.split('T').next().unwrap_or_default();
    let stamp = format!("Tried on {}, on {}.\n", plain(day), plain(&results.machine));
    let (kills, cases): (Vec<Kind<'_>>, _) =
        results.rates.iter().partition(|(kind, _)| kind.starts_with(KILLS));
    let (cases, kills) = (table("Cases", &WAYS, &cases), table("Killed", &PLACES, &kills));
    Ok([("fates", cases), ("fates-kills", kills), ("fates-stamp", stamp)])
}

/// What was tried, and the rates by the way.
type Kind<'a> = (&'a String, &'a BTreeMap<String, Rate>);

fn table(head: &str, ways: &[(&str, &str)], kinds: &[Kind<'_>]) -> String {
    let heads: Vec<&str> = std::iter::once(head).chain(ways.iter().map(|(_, head)| *head)).collect();
    let mut table = Table::new(&heads);
    for (kind, rates) in kinds {
        let kind = kind.strip_prefix(KILLS).map_or_else(|| capital(kind), str::to_owned);
        let cells = ways.iter().map(|(way, _)| rates.get(*way).map_or_else(nothing, Rate::text));
        table.row(std::iter::once(prose(&kind)).chain(cells));
    }
    table.text
}

impl Rate {
    fn text(&self) -> String {
        match (self.of, self.open) {
            (0, 0) => nothing(),
            (of, 0) => format!("{} of {of}", self.right),
            (of, open) => format!("{} of {of}, {open} open", self.right),
        }
    }
}
