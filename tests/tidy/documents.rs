//! What the documents say of the repository is true, and true on every machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use lab::scenario::Scenario;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::{catalog, files, read, root};

/// What no file may name: paths that exist on one machine only, and hosts of package registries,
/// which a mirror may replace. Each is split here, so that this file passes too.
const NOT_ANYWHERE: [&str; 8] = [
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("npmjs", ".org"),
];

#[test]
fn the_readme_lists_every_scenario_with_its_lesson() {
    let readme = read(&root().join("README.md"));
    for Scenario { number, slug, lesson, .. } in catalog().scenarios() {
        let row = format!("| {number} | [{slug}](scenarios/{slug}) | {lesson} |");
        assert!(readme.contains(&row), "add this line to the table of scenarios in README.md:\n{row}");
    }
}

#[test]
fn no_file_names_a_path_or_host_that_others_do_not_have() {
    // Cargo writes its lock file, and names the registry in it, whichever mirror is used.
    for file in files(&root()).iter().filter(|file| !file.ends_with("Cargo.lock")) {
        let Ok(text) = fs::read_to_string(file) else { continue };
        // Nobody's folder, but that of the user of an emulated machine, and a folder beside the file.
        let text = text.replace(concat!("/ho", "me/user"), "").replace(concat!("..", "/wo", "rk/"), "");
        for word in NOT_ANYWHERE {
            assert!(
                !text.contains(word),
                "{} names {word}. Write a path inside of the repository, or say in words what is meant",
                file.display()
            );
        }
    }
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    for document in documents() {
        let folder = document.parent().expect("a document is in a folder");
        let text = read(&document);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let (named, path) = match &event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let file = dest_url.split('#').next().unwrap_or_default();
                    (file, folder.join(file))
                }
                Event::Code(code) => (&**code, root().join(&**code)),
                _ => continue,
            };
            let is_meant = match event {
                Event::Code(_) => is_a_path(named),
                _ => !named.is_empty() && !named.contains("://"),
            };
            assert!(!is_meant || path.exists(), "{} names {named}, which is not there", document.display());
        }
    }
}

#[test]
fn what_a_container_starts_with_is_there() {
    let folder = root().join(".devcontainer");
    let editors: serde_json::Value =
        serde_json::from_str(&read(&folder.join("devcontainer.json"))).expect("editors read it as JSON");
    let image = editors["build"]["dockerfile"].as_str().expect("it names the file of the image");
    let image = read(&folder.join(image));
    assert_eq!(editors["postAttachCommand"], "make scenario-1");
    assert!(image.contains(r#"CMD ["make", "scenario-1"]"#), "both start with the same");
    let workdir = editors["workspaceFolder"].as_str().expect("it names the folder");
    assert!(image.contains(&format!("WORKDIR {workdir}\n")), "both have the workbook at one place");
    let built = image.lines().find_map(|line| line.strip_prefix("RUN cargo build ")).expect("it builds lab");
    let first = catalog().find("1").expect("there is a first scenario").slug.clone();
    assert!(
        built.ends_with(&format!("--package lab --package {first}")),
        "it builds what `make scenario-1` runs"
    );
}

#[test]
fn the_citation_has_the_version_and_the_licences_of_the_packages() {
    let citation = read(&root().join("CITATION.cff"));
    let version = format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(citation.contains(&version), "CITATION.cff must say{version}");
    for licence in env!("CARGO_PKG_LICENSE").split(" OR ") {
        assert!(citation.contains(&format!("\n  - {licence}\n")), "CITATION.cff doesn't name {licence}");
    }
}

/// What a contributor reads of the code: these name files as they are now.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        ["README.md", ".github/CONTRIBUTING.md", "book/src/inside.md"].map(|path| root().join(path)).into();
    documents.extend(files(&root().join("book/src/decisions")));
    documents
}

/// Whether a span of code is a path of this repository. One with a placeholder, as in `scenarios/SLUG`,
/// is no path but a rule for many.
fn is_a_path(code: &str) -> bool {
    let parts: BTreeSet<&str> = code.split('/').collect();
    let top = code.split('/').next().unwrap_or_default();
    let is_placeholder = |part: &&str| {
        let stem = part.split('.').next().unwrap_or_default();
        !stem.is_empty() && stem.chars().all(|c| c.is_ascii_uppercase()) && *part != "README.md"
    };
    parts.len() > 1
        && ["harness", "book", "scenarios", "tests", ".ci", ".devcontainer", ".github"].contains(&top)
        && !code.contains([' ', '*', '…', '<'])
        && !parts.iter().any(is_placeholder)
}
