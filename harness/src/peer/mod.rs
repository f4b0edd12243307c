//! The same experiments with Python's real libraries, next to our own.
//!
//! A peer is a script with the variants of a scenario. It runs in the same sandboxes as our programs, is
//! recorded by the same recorder, and judged by the same claims.

mod beside;
mod environment;
mod interpreter;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use beside::{Agreement, BOTH, Beside, Row, beside};
pub use environment::{Environment, Unavailable, make};
pub use interpreter::find;

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

/// The requirements of all variants, each file once.
pub(crate) fn requirements(peer: &Peer) -> BTreeSet<PathBuf> {
    let variants = peer.scenario.variants.iter().map(|variant| &variant.name);
    variants.filter(|name| peer.python(name).is_none()).map(|name| peer.requirements(name)).collect()
}

/// The versions of CPython that variants name, each once.
pub(crate) fn pythons(peer: &Peer) -> BTreeSet<&str> {
    peer.scenario.variants.iter().filter_map(|variant| peer.python(&variant.name)).collect()
}
