//! The same experiments with the real libraries of Python, beside our own.
//!
//! A peer is a script with the variants of a scenario. It runs in the same sandboxes as our programs, is
//! recorded by the same recorder, and judged by the same claims.

mod beside;
mod environment;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use beside::{Agreement, BOTH, Beside, Row, beside};
pub use environment::{Environment, Unavailable, make};

use crate::model::record::Record;
use crate::sandbox::Word;
use crate::scenario::Peer;
use crate::workbench::program::Start;

/// Our modules for Python, in the repository.
const MODULES: &str = "harness/kit/python";

/// How a variant of a peer is started: the repository is at `root`.
pub(crate) fn start(root: &Path, peer: &Peer, environment: &Environment) -> Start {
    let one = |name: &str| (name.to_owned(), Word::from("1"));
    let env = BTreeMap::from([
        ("PYTHONPATH".to_owned(), root.join(MODULES).into()),
        // Nothing may be written into the repository.
        one("PYTHONDONTWRITEBYTECODE"),
        // joblib takes no tmpfs with less than 2 GB free, unless it is told so.
        ("JOBLIB_TEMP_FOLDER".to_owned(), Word::Shm),
        // Threads that nobody asked for take memory that nobody expects.
        one("OMP_NUM_THREADS"),
        one("OPENBLAS_NUM_THREADS"),
    ]);
    let args = vec!["-u".to_owned(), peer.script().display().to_string()];
    Start { program: environment.python.clone(), args, env, peer: Some(environment.versions.clone()) }
}

/// The language and the libraries of these records with their versions, as a list.
pub fn libraries(records: &[Record]) -> String {
    let libraries = records.iter().filter_map(|record| record.header.peer.as_ref()).flatten();
    // Two environments may have one library in two versions.
    let libraries: BTreeSet<String> = libraries.map(|(name, version)| format!("{name} {version}")).collect();
    libraries.into_iter().collect::<Vec<_>>().join(", ")
}

/// The requirements that these variants need, each file once.
pub(crate) fn requirements<'a>(peer: &Peer, variants: impl Iterator<Item = &'a String>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = variants.map(|variant| peer.requirements(variant)).collect();
    files.sort();
    files.dedup();
    files
}
