//! The variants of the scenarios at their smallest size, by root in a control group and by an ordinary user without
//! one; and what was recorded of their peers with the real libraries.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use lab::scenario::{Catalog, Kind, Variant};

use super::cases::{Case, HEALTHY, files, records};
use super::common::{NOBODY, lab, said};
use super::record::store;
use super::root;

/// What is wrong with the variants of the scenarios. All others are fixed.
const BROKEN: &[(&str, &str, &str)] = &[
    ("slice-dup", "broken", "shm-per-task"),
    ("slice-dup", "broken-multiprocessing", "shm-per-task"),
    ("shm-exhaustion", "broken", "shm-full"),
    ("shm-exhaustion", "broken-store", "shm-full"),
    ("shm-exhaustion", "broken-multiprocessing", "shm-full"),
    ("page-cache-drop", "pressure-disk", "page-cache"),
    ("page-cache-drop", "pressure-tmpfs", "limit-too-small"),
    ("self-capture", "broken", "per-task-copy"),
    ("self-capture", "broken-lambda", "per-task-copy"),
    ("self-capture", "broken-multiprocessing", "per-task-copy"),
    ("self-capture", "batched", "per-task-copy"),
    ("self-capture", "threads-clone", "anon-growth"),
    ("rc-cycle", "broken", "anon-growth"),
    ("rc-cycle", "broken-self", "anon-growth"),
    ("rc-cycle", "broken-threads", "anon-growth"),
    ("rc-cycle", "policy-never", "anon-growth"),
    ("rc-cycle", "policy-own", "anon-growth"),
    ("rc-cycle", "policy-objects", "anon-growth"),
    ("fork-cow", "broken", "fork-copy"),
    ("fork-cow", "broken-frozen", "fork-copy"),
    ("fork-cow", "sample", "fork-copy"),
    ("fork-lock", "broken", "fork-lock"),
    ("fork-lock", "killed-pool", "dead-worker"),
];

/// Who runs them: the folder of the records, and their name in the table.
const RUNS: &[(&str, &str, &[&str])] = &[
    ("scenarios", "Scenarios at the size smoke, in a control group", &[]),
    ("scenarios-alone", "Scenarios at the size smoke, without a control group", NOBODY),
];

/// The records of scenarios.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for scenario in files(&root().join("scenarios")) {
        let slug = stem(&scenario);
        for (folder, group, _) in RUNS {
            add(&mut cases, &slug, group, &records().join(folder).join(&slug));
        }
        add(&mut cases, &slug, "Real libraries, by older records", &scenario.join("results/peer"));
    }
    cases
}

fn add(cases: &mut Vec<Case>, slug: &str, group: &'static str, folder: &Path) {
    for path in files(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "jsonl")) {
        let variant = stem(&path);
        let broken = BROKEN.iter().find(|(of, is, _)| *of == slug && *is == variant);
        let expected = broken.map_or(HEALTHY, |(_, _, mode)| mode).to_owned();
        cases.push(Case { name: format!("{slug}/{variant}"), expected, also: Vec::new(), group, path });
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("it has a name").to_string_lossy().into_owned()
}

/// Records all of them whose names begin with this, without those that learners work on.
pub(crate) fn record_all(only: &str) {
    let catalog = Catalog::load(&root()).expect("the scenarios are right");
    for (kind, _, user) in RUNS {
        for scenario in catalog.scenarios() {
            let finished = |variant: &&Variant| matches!(variant.kind, Kind::Broken | Kind::Fixed);
            for variant in scenario.variants.iter().filter(finished) {
                let name = format!("{}/{}", scenario.slug, variant.name);
                if name.starts_with(only) {
                    record(&scenario.slug, &variant.name, user, &records().join(kind).join(name));
                }
            }
        }
    }
}

fn record(slug: &str, variant: &str, user: &[&str], path: &Path) {
    let bundle = bundle(slug);
    let args = ["run", slug, variant, "--size", "smoke", "--json"];
    let mut command = lab(bundle.path(), user, &args);
    command.env("XDG_STATE_HOME", bundle.path().join("state"));
    let said = said(command);
    match found(bundle.path(), variant) {
        Some(record) => store(&record, bundle.path(), &path.with_extension("jsonl"), SAMPLES),
        None => println!("{slug}/{variant} is left out: {}", said.stderr),
    }
}

/// In each track: they are short, so each sample counts.
const SAMPLES: usize = 80;

/// A folder with the program of a scenario, in which every user may write.
fn bundle(slug: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("the folder is ours");
    fs::copy(root().join("target/workshop").join(slug), bin.join(slug))
        .expect("it is built: cargo build --profile workshop --workspace");
    symlink(root().join("scenarios"), folder.path().join("scenarios")).expect("the folder is ours");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("the folder is ours");
    folder
}

/// The record of a variant, anywhere in the folder.
fn found(folder: &Path, variant: &str) -> Option<PathBuf> {
    let inside = files(folder).into_iter().filter(|path| !path.is_symlink());
    let (folders, plain): (Vec<PathBuf>, Vec<PathBuf>) = inside.partition(|path| path.is_dir());
    let wanted = format!("{variant}.jsonl");
    let here = plain.into_iter().find(|path| path.file_name().is_some_and(|name| *name == *wanted));
    here.or_else(|| folders.iter().find_map(|folder| found(folder, variant)))
}
