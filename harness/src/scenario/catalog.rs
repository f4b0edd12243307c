//! The catalog: every scenarios/*/scenario.toml, read and checked.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::figure::Drawing;
use super::file::{self, Read};
use super::flaw::Flaw;
use super::peer::Peer;
use super::scenario::Scenario;
use crate::model::UnknownName;

/// All scenarios, in the order of their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    scenarios: Vec<Scenario>,
    /// By the slug of the scenario.
    peers: BTreeMap<String, Peer>,
}

/// Why the catalog couldn't be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file or folder couldn't be read.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A scenario.toml isn't what it should be.
    #[error("{path}:{line}:{column}: {what}", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// The character in the line, from 1 on.
        column: usize,
        /// The mistake, and what's allowed.
        what: String,
    },
}

impl Catalog {
    /// Reads every scenario of the repository at `root`. A folder without a scenario.toml isn't one.
    ///
    /// # Errors
    ///
    /// The error names the first file that is wrong, and the place in it.
    pub fn load(root: &Path) -> Result<Self, CatalogError> {
        let folder = root.join("scenarios");
        let failed = |error| CatalogError::File { path: folder.clone(), error };
        let mut folders = folder
            .read_dir()
            .and_then(|entries| {
                entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
            })
            .map_err(failed)?;
        folders.sort();
        let mut scenarios: Vec<Scenario> = Vec::new();
        let mut peers = BTreeMap::new();
        for folder in folders {
            let path = folder.join("scenario.toml");
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
                {
                    continue;
                }
                Err(error) => return Err(CatalogError::File { path, error }),
            };
            let Read { scenario, peer, number } =
                file::scenario(&folder, &text).map_err(|flaw| wrong(&path, &text, flaw))?;
            if let Some(other) = scenarios.iter().find(|other| other.number == scenario.number) {
                let what = format!("the number {} is taken by {}", scenario.number, other.slug);
                return Err(wrong(&path, &text, Flaw { span: number, what }));
            }
            peers.extend(peer.map(|peer| (scenario.slug.clone(), peer)));
            scenarios.push(scenario);
        }
        scenarios.sort_by_key(|scenario| scenario.number);
        Ok(Catalog { scenarios, peers })
    }

    /// Reads a file of figures that belong to no chapter of a scenario: blocks `[[figure]]` with the
    /// additional key `scenario`.
    ///
    /// # Errors
    ///
    /// The error names the first place that is wrong.
    pub fn figures(&self, path: &Path) -> Result<Vec<(&Scenario, Drawing)>, CatalogError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CatalogError::File { path: path.to_owned(), error })?;
        file::figures(&text, &self.scenarios).map_err(|flaw| wrong(path, &text, flaw))
    }

    /// Every scenario, in the order of their numbers.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.scenarios
    }

    /// The same experiments with the real library of another language, if the scenario has them.
    pub fn peer(&self, scenario: &Scenario) -> Option<&Peer> {
        self.peers.get(&scenario.slug)
    }

    /// The scenario with this slug, or with this number in digits.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] lists the scenarios that there are.
    pub fn find(&self, name: &str) -> Result<&Scenario, UnknownName> {
        let number = name.parse::<u32>().ok();
        self.scenarios
            .iter()
            .find(|scenario| scenario.slug == name || Some(scenario.number) == number)
            .ok_or_else(|| UnknownName {
                what: "scenario".into(),
                name: name.to_owned(),
                known: self.scenarios.iter().map(|scenario| scenario.slug.clone()).collect(),
            })
    }
}

fn wrong(path: &Path, text: &str, flaw: Flaw) -> CatalogError {
    let (line, column) = flaw.line_and_column(text);
    CatalogError::Wrong { path: path.to_owned(), line, column, what: flaw.what }
}
