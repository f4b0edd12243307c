//! The `{{#include ...}}`s of the prose, by the grammar of mdBook, which keeps its own to itself.
//!
//! mdBook leaves a hole where one leads nowhere and goes on, so `bookgen` looks at them first.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Result;
use mdbook_driver::book::{Book, Chapter};
use regex::{Captures, Regex};

/// As in mdBook, a command after a backslash is only shown, and so is the rest of its line.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    let command = r"\\\{\{\#.*\}\}|\{\{\s*\#include\s+(?<path>[^}\s:]+)(?::(?<part>[^}\s]+))?[^}]*\}\}";
    Regex::new(command).expect("the pattern is well-formed")
});

/// One include.
#[derive(Debug)]
pub(crate) struct Include {
    /// The chapter, relative to the repository.
    pub(crate) file: PathBuf,
    /// The line in it, from 1 on.
    pub(crate) line: usize,
    /// The included file, relative to the repository.
    pub(crate) target: PathBuf,
    /// The part of it, if not the whole.
    pub(crate) part: Option<String>,
}

/// Every include of every chapter.
pub(crate) fn of(book: &Book) -> Vec<Include> {
    book.chapters().flat_map(of_chapter).collect()
}

/// A part of a chapter with a text in the place of each of its includes.
///
/// # Errors
///
/// The first that `text` returns.
pub(crate) fn replace(markdown: &str, text: impl Fn(&str, Option<&str>) -> Result<String>) -> Result<String> {
    let mut replaced = String::new();
    let mut end = 0;
    for (command, path, part) in commands(markdown) {
        replaced.push_str(&markdown[end..command.start]);
        replaced.push_str(&text(path, part)?);
        end = command.end;
    }
    Ok(replaced + &markdown[end..])
}

fn of_chapter(chapter: &Chapter) -> impl Iterator<Item = Include> + '_ {
    let file = inside(&Path::new("book/src").join(chapter.source_path.as_deref().unwrap_or(Path::new(""))));
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    commands(&chapter.content).map(move |(command, path, part)| Include {
        file: file.clone(),
        line: 1 + chapter.content[..command.start].matches('\n').count(),
        target: inside(&folder.join(path)),
        part: part.map(str::to_owned),
    })
}

/// Where each command stands, and the file and the part that it includes.
fn commands(markdown: &str) -> impl Iterator<Item = (std::ops::Range<usize>, &str, Option<&str>)> {
    let include = |captures: Captures<'_>| {
        Some((
            captures.get_match().range(),
            captures.name("path")?.range(),
            captures.name("part").map(|part| part.range()),
        ))
    };
    let includes = COMMAND.captures_iter(markdown).filter_map(include);
    includes.map(|(command, path, part)| (command, &markdown[path], part.map(|part| &markdown[part])))
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

    fn includes(file: &str, content: &str) -> Vec<(usize, String, Option<String>)> {
        let chapter = Chapter::new("A chapter", content.to_owned(), file, Vec::new());
        let includes = of_chapter(&chapter);
        includes.map(|one| (one.line, one.target.display().to_string(), one.part)).collect()
    }

    #[test]
    fn includes_are_found_with_their_lines_and_parts_and_shown_ones_are_not() {
        let text = "{{#include made/n.txt:a__b}}, {{ #include y.md }}\n\\{{#include x}}, {{#include x}}\n{{#include z.md}}";
        let found = [(1, "n.txt", Some("a__b")), (1, "../y.md", None), (3, "../z.md", None)];
        let found = found.map(|(line, file, part)| {
            let target = inside(&Path::new("book/src/made").join(file)).display().to_string();
            (line, target, part.map(str::to_owned))
        });
        assert_eq!(includes("a.md", text), found);
    }

    #[test]
    fn a_path_through_the_link_is_a_path_of_the_scenario() {
        let target = |file, content| includes(file, content).remove(0).1;
        let through = target("a.md", "{{#include scenarios/s/results/numbers.txt:n}}");
        assert_eq!(through, "scenarios/s/results/numbers.txt");
        let beside = target("scenarios/s/chapter.md", "{{#include ../t/results/claims.md}}");
        assert_eq!(beside, "scenarios/t/results/claims.md");
    }

    #[test]
    fn each_include_makes_room_for_a_text_and_shown_ones_stay() {
        let text =
            replace("a {{#include x:y}} b\n\\{{#include z}}", |path, part| Ok(format!("{path}-{part:?}")));
        assert_eq!(text.unwrap(), "a x-Some(\"y\") b\n\\{{#include z}}");
    }
}
