//! The learner's folder as packages, so that an editor sees the file: `my/` is a workspace of cargo with a
//! package for each scenario that an exercise was begun of.
//!
//! Such a package is the scenario's own program, compiled with the learner's files in the places of their exercises,
//! as `lab check` compiles it. It's written from the repository's manifests, with the versions of its lock file.
//! Don't edit it: each `lab exercise` writes it again. The repository's own workspace doesn't know it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::workspace::{MY, Workspace};
use crate::scenario::Scenario;

/// What stands at the top of each of these files.
const ABOUT: &str = "\
# Written by `lab exercise`, for cargo and for editors: open the folder `my` in yours, or type `cargo check`
# in it. What `lab check` judges doesn't depend on this file.

";

/// The manifest of a package, and of the workspace.
const MANIFEST: &str = "Cargo.toml";

/// Writes the package of a scenario, and the workspace of all packages that are there.
///
/// # Errors
///
/// The file's, with its name.
pub(super) fn write(workspace: &Workspace<'_>) -> Result<()> {
    let scenario = workspace.scenario;
    let Some(my) = workspace.file.ancestors().nth(2) else { return Ok(()) };
    let Some(root) = my.parent() else { return Ok(()) };
    let repository = read(&root.join(MANIFEST))?;
    let own = read(&scenario.folder.join(MANIFEST))?;

    let folder = my.join(&scenario.slug);
    put(&folder.join(MANIFEST), &manifest(&package(scenario, own)))?;
    put(&folder.join("build.rs"), &build_script(scenario))?;
    put(&my.join(MANIFEST), &manifest(&workspace_of(&repository, packages(my)?)))?;
    put(&my.join(".cargo/config.toml"), &format!("{ABOUT}[build]\ntarget-dir = \"../target/{MY}\"\n"))?;
    // Cargo takes the versions out of it, and leaves out what isn't needed here.
    let lock = my.join("Cargo.lock");
    if !lock.exists() {
        let from = root.join("Cargo.lock");
        fs::copy(&from, &lock).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

/// The package of a scenario, which depends on what the scenario's own does.
///
/// It's a library, though the file has a `main`, which nobody calls there: an editor loads what lies around
/// the file of a library that is outside of its package, and not around that of a program.
fn package(scenario: &Scenario, own: Table) -> Table {
    let inherited = || Value::from(Table::from_iter([("workspace".to_owned(), true.into())]));
    let mut package = Table::new();
    package.insert("name".into(), format!("{MY}-{}", scenario.slug).into());
    for key in ["version", "edition", "rust-version", "publish"] {
        package.insert(key.into(), inherited());
    }
    let path = format!("../../scenarios/{}/src/my.rs", scenario.slug);
    let mut table = Table::from_iter([
        ("package".to_owned(), package.into()),
        ("lib".to_owned(), Table::from_iter([("path".to_owned(), path.into())]).into()),
        ("lints".to_owned(), inherited()),
    ]);
    table.extend(own.into_iter().filter(|(key, _)| key == "dependencies"));
    table
}

/// The workspace of these packages, with what the repository's has for all of its own.
fn workspace_of(repository: &Table, members: Vec<String>) -> Table {
    let mut workspace = repository.get("workspace").and_then(Value::as_table).cloned().unwrap_or_default();
    workspace.insert("members".into(), members.into());
    let dependencies = workspace.get_mut("dependencies").and_then(Value::as_table_mut);
    for dependency in dependencies.into_iter().flat_map(|table| table.iter_mut().map(|(_, value)| value)) {
        if let Some(path) = dependency.get_mut("path") {
            *path = format!("../{}", path.as_str().unwrap_or_default()).into();
        }
    }
    // Nobody calls `main`, and so nothing that it calls.
    let rust = workspace.get_mut("lints").and_then(|lints| lints.get_mut("rust")?.as_table_mut());
    if let Some(rust) = rust {
        rust.insert("dead_code".into(), "allow".into());
    }
    Table::from_iter([("workspace".to_owned(), workspace.into())])
}

/// A script that has each file of the learner compiled that is there, by the name that `lab check` gives it too.
fn build_script(scenario: &Scenario) -> String {
    let file = |name: &String| {
        let file = scenario.source(name);
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        format!("        ({name:?}, {file:?}),\n")
    };
    let files: String = scenario.exercises.iter().map(|exercise| file(&exercise.name)).collect();
    format!(
        "\
//! Written by `lab exercise`: says which files of yours are there.

use std::path::Path;

fn main() {{
    for (exercise, file) in [
{files}    ] {{
        println!(\"cargo::rerun-if-changed={{file}}\");
        if Path::new(file).is_file() {{
            println!(\"cargo::rustc-cfg=my={{exercise:?}}\");
        }}
    }}
}}
"
    )
}

/// The packages that are there, by their folders.
fn packages(my: &Path) -> Result<Vec<String>> {
    let entries = my.read_dir().with_context(|| my.display().to_string())?.flatten();
    let with_manifest = entries.filter(|entry| entry.path().join(MANIFEST).is_file());
    let mut names: Vec<String> =
        with_manifest.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

fn manifest(table: &Table) -> String {
    format!("{ABOUT}{table}")
}

fn read(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

/// Writes a file, if it's not as it should be: cargo and editors look at the time of the last change.
fn put(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| path.display().to_string())
}
