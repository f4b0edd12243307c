//! The records of the scenarios, of their mutants and of their peers, with what is wrong with each.

use std::path::PathBuf;

use lab::scenario::{Catalog, Scenario};

use super::cases::{Case, HEALTHY, files, records};
use super::common::NOBODY;
use super::mutant::{self, Mutant};
use super::root;

/// What is wrong with the variants of the scenarios. All others are fixed.
const BROKEN: &[(&str, &str, &str)] = &[
    ("slice-dup", "broken", "shm-per-task"),
    ("slice-dup", "broken-multiprocessing", "shm-per-task"),
    ("shm-exhaustion", "broken", "shm-full"),
    ("shm-exhaustion", "broken-store", "shm-full"),
    ("shm-exhaustion", "broken-multiprocessing", "shm-full"),
    ("shm-exhaustion", "broken-inodes", "shm-full"),
    ("shm-exhaustion", "mutant-once", "shm-full"),
    ("shm-exhaustion", "mutant-links", "shm-full"),
    ("page-cache-drop", "pressure-disk", "page-cache"),
    ("page-cache-drop", "pressure-tmpfs", "limit-too-small"),
    ("self-capture", "broken", "per-task-copy"),
    ("self-capture", "broken-lambda", "per-task-copy"),
    ("self-capture", "broken-multiprocessing", "per-task-copy"),
    ("self-capture", "batched", "per-task-copy"),
    ("self-capture", "mutant-arc", "per-task-copy"),
    ("self-capture", "threads-clone", "per-task-copy"),
    ("rc-cycle", "broken", "anon-growth"),
    ("rc-cycle", "broken-self", "anon-growth"),
    ("rc-cycle", "broken-threads", "anon-growth"),
    ("rc-cycle", "policy-never", "anon-growth"),
    ("rc-cycle", "policy-own", "anon-growth"),
    ("rc-cycle", "policy-objects", "anon-growth"),
    ("rc-cycle", "mutant-drop", "anon-growth"),
    ("rc-cycle", "mutant-weak", "anon-growth"),
    ("fork-cow", "broken", "fork-copy"),
    ("fork-cow", "broken-frozen", "fork-copy"),
    ("fork-cow", "sample", "fork-copy"),
    ("fork-cow", "interned-3-10", "fork-copy"),
    ("fork-cow", "interned-3-11", "fork-copy"),
    ("fork-cow", "interned-3-13", "fork-copy"),
    ("fork-cow", "mutant-sample", "fork-copy"),
    ("fork-lock", "broken", "fork-lock"),
    ("fork-lock", "mutant-look", "fork-lock"),
    ("fork-lock", "killed-pool", "dead-worker"),
    ("dead-worker", "broken", "dead-worker"),
    ("dead-worker", "mutant-inherited", "dead-worker"),
    ("dead-worker", "mutant-refill", "dead-worker"),
    ("shm-orphan", "broken", "shm-leftover"),
    ("shm-orphan", "broken-full", "shm-full"),
    ("shm-orphan", "mutant-drop", "shm-leftover"),
    ("shm-orphan", "mutant-parent", "shm-leftover"),
    ("unbounded-queue", "broken", "anon-growth"),
    ("unbounded-queue", "broken-map", "anon-growth"),
    ("unbounded-queue", "broken-imap", "anon-growth"),
    ("unbounded-queue", "broken-joblib", "anon-growth"),
    ("unbounded-queue", "broken-processes", "anon-growth"),
    ("unbounded-queue", "batched", "anon-growth"),
    ("unbounded-queue", "limited", "anon-growth"),
    ("unbounded-queue", "mutant-batch", "anon-growth"),
    ("unbounded-queue", "mutant-drain", "anon-growth"),
    ("heap-ratchet", "broken", "allocator-retention"),
    ("heap-ratchet", "table", "allocator-retention"),
    ("heap-ratchet", "threads", "allocator-retention"),
    ("heap-ratchet", "arenas", "thread-arenas"),
    ("heap-ratchet", "one-arena", "allocator-retention"),
    ("heap-ratchet", "mutant-grows", "allocator-retention"),
    ("heap-ratchet", "mutant-last", "allocator-retention"),
    ("heap-ratchet", "mutant-early", "allocator-retention"),
    ("heap-ratchet", "mutant-dynamic", "allocator-retention"),
    ("host-sized-pool", "broken", "too-many-workers"),
    ("host-sized-pool", "broken-psutil", "too-many-workers"),
    ("host-sized-pool", "broken-joblib", "too-many-workers"),
    ("host-sized-pool", "mutant-quota", "too-many-workers"),
    ("host-sized-pool", "mutant-available", "too-many-workers"),
    ("host-sized-pool", "mutant-alone", "too-many-workers"),
    ("host-sized-pool", "mutant-top", "too-many-workers"),
    ("thp-bloat", "broken", "huge-page-bloat"),
    ("thp-bloat", "broken-mmap", "huge-page-bloat"),
    ("thp-bloat", "broken-freed", "huge-page-bloat"),
    ("thp-bloat", "mutant-late", "huge-page-bloat"),
    ("thp-bloat", "mutant-shifted", "huge-page-bloat"),
    ("working-set", "pressure", "page-cache"),
    ("waker-cycle", "broken", "anon-growth"),
    ("waker-cycle", "tokio-detached", "anon-growth"),
    ("waker-cycle", "mutant-drop", "anon-growth"),
    ("waker-cycle", "mutant-wake", "anon-growth"),
    ("waker-cycle", "mutant-weak", "anon-growth"),
    ("waker-cycle", "kept", "anon-growth"),
    ("slice-dup", "broken-full", "shm-per-task"),
    ("slice-dup", "broken-full-multiprocessing", "shm-per-task"),
    ("rc-cycle", "broken-self-killed", "anon-growth"),
    ("rc-cycle", "multiprocessing", "dead-worker"),
    ("rc-cycle", "multiprocessing-room", "anon-growth"),
    ("rc-cycle", "xgboost-multiprocessing", "dead-worker"),
    ("rc-cycle", "xgboost-multiprocessing-room", "anon-growth"),
    ("rc-cycle", "xgboost-loky", "anon-growth"),
    ("rc-cycle", "xgboost-loky-room", "anon-growth"),
];

/// One way to run all scenarios.
pub(crate) struct Runs {
    /// The folder of the records.
    pub(crate) folder: &'static str,
    /// Its name in the table.
    pub(crate) name: &'static str,
    pub(crate) way: Way,
}

/// How a variant is run for its record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// By `lab run`, at this size and by this user.
    Confined { size: &'static str, user: &'static [&'static str] },
    /// By `lab run` at the size lab, and the record is that of another `lab`, which attaches to it.
    Attached,
}

pub(crate) const RUNS: &[Runs] = &[
    Runs {
        folder: "scenarios",
        name: "Scenarios at the size smoke, in a control group",
        way: Way::Confined { size: "smoke", user: &[] },
    },
    Runs {
        folder: "scenarios-alone",
        name: "Scenarios at the size smoke, without a control group",
        way: Way::Confined { size: "smoke", user: NOBODY },
    },
    Runs {
        folder: "scenarios-lab",
        name: "Scenarios at the size lab, in a control group",
        way: Way::Confined { size: "lab", user: &[] },
    },
    Runs { folder: "scenarios-attached", name: "Scenarios at the size lab, attached to", way: Way::Attached },
];

/// The folder of the records of an emulated machine, which runs all scenarios at once.
pub(crate) const VERSION_2: &str = "scenarios-v2";

/// The folder of the records of mutants of exercises, each in a folder of its scenario.
const MUTANTS: &str = "mutants";

/// The folder of the records of peers.
pub(crate) const PEERS: &str = "peers";

/// The scenarios as their folders have them.
pub(crate) fn catalog() -> Catalog {
    Catalog::load(&root()).expect("the scenarios are right")
}

/// The records of scenarios.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for scenario in catalog().scenarios() {
        for Runs { folder, name, .. } in RUNS {
            add(&mut cases, scenario, name, folder);
        }
        add(&mut cases, scenario, "Scenarios at the size smoke, in a control group of version 2", VERSION_2);
        add(&mut cases, scenario, "Peers with the real libraries, at the size lab", PEERS);
        add_mutants(&mut cases, scenario);
    }
    cases
}

fn add(cases: &mut Vec<Case>, scenario: &Scenario, group: &'static str, folder: &str) {
    let slug = &scenario.slug;
    for path in files(&records().join(folder).join(slug)) {
        let variant = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let broken = BROKEN.iter().find(|(of, is, _)| of == slug && *is == variant);
        let expected = broken.map_or(HEALTHY, |(_, _, mode)| mode).to_owned();
        let also = match &*expected {
            // A file that is mapped is in the page cache.
            "page-cache" => vec!["mapped-file".to_owned()],
            // What the last job leaves, nobody sweeps.
            HEALTHY if variant == "fixed-sweep" => vec!["shm-leftover".to_owned()],
            // What each of the threads keeps, it keeps as one would.
            "thread-arenas" => vec!["allocator-retention".to_owned()],
            // It's full of them.
            "shm-per-task" => vec!["shm-full".to_owned()],
            // Its files bear the number of a process that lives.
            "shm-leftover" if variant == "mutant-parent" => vec!["shm-per-task".to_owned()],
            _ => Vec::new(),
        };
        cases.push(Case { name: format!("{slug}/{variant}"), expected, also, group, path });
    }
}

fn add_mutants(cases: &mut Vec<Case>, scenario: &Scenario) {
    for mutant in mutant::of(scenario) {
        let path = mutant_path(scenario, &mutant);
        cases.push(Case {
            name: format!("{}/{}/{}", scenario.slug, mutant.exercise, mutant.name),
            expected: mutant.shows.unwrap_or_else(|| HEALTHY.to_owned()),
            also: Vec::new(),
            group: "Mutants of the exercises, at the size smoke",
            path,
        });
    }
}

/// Where the record of a mutant is.
pub(crate) fn mutant_path(scenario: &Scenario, mutant: &Mutant) -> PathBuf {
    let name = format!("{}-{}.jsonl", mutant.exercise, mutant.name);
    records().join(MUTANTS).join(&scenario.slug).join(name)
}
