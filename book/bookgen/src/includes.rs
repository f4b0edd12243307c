//! The `{{#include ...}}`s of the prose. mdBook leaves a hole where one leads nowhere, and says
//! nothing that a build would stop at; so they are looked at here.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// One include.
#[derive(Debug)]
pub(crate) struct Include {
    /// The chapter, relative to the repository.
    pub(crate) file: PathBuf,
    /// The line in it, from 1 on.
    pub(crate) line: usize,
    /// What is included, relative to the repository.
    pub(crate) target: PathBuf,
    /// The part of it, if not the whole.
    pub(crate) part: Option<String>,
}

/// Every include of the chapters: those of the scenarios, and the general ones.
///
/// # Errors
///
/// The first chapter that can not be read.
pub(crate) fn of(root: &Path) -> Result<Vec<Include>> {
    let mut includes = Vec::new();
    for file in chapters(root)? {
        let text = fs::read_to_string(root.join(&file)).with_context(|| file.display().to_string())?;
        for (number, line) in (1..).zip(text.lines()) {
            includes.extend(commands(line).map(|link| Include::new(&file, number, link)));
        }
    }
    Ok(includes)
}

impl Include {
    fn new(file: &Path, line: usize, link: &str) -> Self {
        let (path, part) = link.split_once(':').map_or((link, None), |(path, part)| (path, Some(part)));
        let target = inside(&file.parent().unwrap_or(Path::new("")).join(path));
        Include { file: file.to_owned(), line, target, part: part.map(str::to_owned) }
    }
}

/// The chapters, relative to the repository.
fn chapters(root: &Path) -> Result<Vec<PathBuf>> {
    let mut chapters = Vec::new();
    let mut folders = vec![PathBuf::from("book/src"), PathBuf::from("scenarios")];
    while let Some(folder) = folders.pop() {
        let entries = root.join(&folder).read_dir().with_context(|| folder.display().to_string())?;
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            // The link to the scenarios is not followed: they are looked at by themselves.
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end == "md") {
                chapters.push(path);
            }
        }
    }
    chapters.sort();
    Ok(chapters)
}

/// What the commands of a line include; a command after a backslash is only shown.
fn commands(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("{{#include").filter_map(move |(at, word)| {
        let shown = line[..at].ends_with('\\');
        let (link, _) = line[at + word.len()..].split_once("}}")?;
        (!shown).then_some(link.trim())
    })
}

/// The path without `..`, and with the link from the book to the scenarios resolved.
fn inside(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        if plain == Path::new("book/src/scenarios") {
            plain = PathBuf::from("scenarios");
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_found_with_their_parts_and_shown_ones_are_not() {
        let line = r"{{#include results/numbers.txt:a__b}} and \{{#include x}}, {{#include y.md}}.";
        assert_eq!(commands(line).collect::<Vec<_>>(), ["results/numbers.txt:a__b", "y.md"]);
    }

    #[test]
    fn a_path_through_the_link_is_a_path_of_the_scenario() {
        let include = Include::new(Path::new("book/src/a.md"), 1, "scenarios/s/results/numbers.txt:n");
        assert_eq!(include.target, Path::new("scenarios/s/results/numbers.txt"));
        assert_eq!(include.part.as_deref(), Some("n"));
        let include = Include::new(Path::new("scenarios/s/chapter.md"), 1, "../t/results/claims.md");
        assert_eq!(include.target, Path::new("scenarios/t/results/claims.md"));
    }
}
