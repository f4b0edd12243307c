//! The rules of the repository that no compiler checks. Each failure says what to do.

#[path = "../common/mutants.rs"]
mod mutants;

mod chapters;
mod documents;
mod exercises;
mod packages;
mod results;
mod rooms;
mod variants;

use std::fs;
use std::path::{Path, PathBuf};

use lab::scenario::{Catalog, Scenario};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn catalog() -> Catalog {
    Catalog::load(&root()).expect("every scenario.toml can be read")
}

/// Every file below a folder, in order, without what is built, recorded or hidden.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match name.as_str() {
                "target" | "my" | "node_modules" if is_folder => {}
                ".ci" | ".devcontainer" | ".github" => folders.push(entry.path()),
                hidden if hidden.starts_with('.') => {}
                _ if is_folder => folders.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(folder: &Path) -> toml::Table {
    read(&folder.join("Cargo.toml")).parse().expect("cargo reads it too")
}

fn is_code(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rs")
}

fn is_of_tests(path: &Path) -> bool {
    path.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name))
}

fn variant_file(scenario: &Scenario, name: &str) -> PathBuf {
    scenario.folder.join("src").join(format!("{}.rs", name.replace('-', "_")))
}
