//! What makes the prose easier to read, and is the same for all chapters: commands without prompts,
//! marked differences, links to the glossary, and a veil over what a figure shows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use mdbook_driver::book::Book;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use super::code;
use super::glossary::Glossary;
use crate::fragments::markdown::events;
use crate::workbook::Workbook;

/// What is replaced by what.
type Edits = Vec<(Range<usize>, String)>;

/// Changes the prose for the site; it runs when the chapters hold all that they include.
pub(super) struct Reading {
    glossary: Glossary,
    /// The address of the repository, if it is known.
    repository: Option<String>,
    /// The lessons, each by its page.
    lessons: BTreeMap<PathBuf, String>,
    descriptions: Rc<RefCell<BTreeMap<PathBuf, String>>>,
}

impl Reading {
    /// # Errors
    ///
    /// Says that there is no glossary.
    pub(super) fn of(workbook: &Workbook, repository: Option<String>) -> Result<Self> {
        let path = Path::new(GLOSSARY);
        let glossary = workbook.prose.chapters().find(|chapter| chapter.path.as_deref() == Some(path));
        let glossary = glossary.with_context(|| format!("book/src/SUMMARY.md does not list {GLOSSARY}"))?;
        let lesson = |lesson: &crate::workbook::Lesson| {
            let scenario = &lesson.scenario;
            let page = Path::new("scenarios").join(&scenario.slug).join(&scenario.chapter);
            (page.with_extension("html"), scenario.lesson.replace('`', ""))
        };
        Ok(Reading {
            glossary: Glossary::of(&glossary.content),
            repository,
            lessons: workbook.lessons.iter().map(lesson).collect(),
            descriptions: Rc::default(),
        })
    }

    /// What each page is about, by its path in the site; known when the book is built.
    pub(super) fn descriptions(&self) -> Rc<RefCell<BTreeMap<PathBuf, String>>> {
        Rc::clone(&self.descriptions)
    }
}

const GLOSSARY: &str = "glossary.md";

/// Pages with terms that nobody looks up there: the glossary has them all, and paper leads nowhere.
const WITHOUT_LINKS: [&str; 2] = [GLOSSARY, "handouts.md"];

impl Preprocessor for Reading {
    fn name(&self) -> &str {
        "reading"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        book.for_each_chapter_mut(|chapter| {
            let Some(path) = chapter.path.clone() else { return };
            let page = path.with_extension("html");
            let about = self.lessons.get(&page).cloned().unwrap_or_else(|| summary(&chapter.content));
            self.descriptions.borrow_mut().insert(page, about);
            if let Some(repository) = &self.repository {
                chapter.content = chapter.content.replace("git clone …", &format!("git clone {repository}"));
            }
            let mut edits = blocks(&chapter.content);
            edits.extend(veils(&chapter.content));
            if !WITHOUT_LINKS.iter().any(|page| path == Path::new(page)) {
                let root = "../".repeat(path.components().count() - 1);
                edits.extend(self.glossary.links(&chapter.content, &root));
            }
            chapter.content = edited(&chapter.content, edits);
        });
        Ok(book)
    }
}

fn edited(text: &str, mut edits: Edits) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let (mut result, mut done) = (String::new(), 0);
    for (range, new) in edits {
        result += &text[done..range.start];
        result += &new;
        done = range.end;
    }
    result + &text[done..]
}

/// Blocks of commands and of differences, as HTML.
fn blocks(chapter: &str) -> Edits {
    let mut edits = Edits::new();
    let mut open: Option<(Range<usize>, String, String)> = None;
    for (event, range) in events(chapter) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                open = Some((range, language.to_string(), String::new()));
            }
            Event::Text(text) => {
                if let Some((.., code)) = &mut open {
                    *code += &text;
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let Some((range, language, code)) = open.take() else { continue };
                let html = match &*language {
                    "console" => code::console(&code),
                    "diff" => Some(code::diff(&code)),
                    _ => None,
                };
                edits.extend(html.map(|html| (range, html)));
            }
            _ => {}
        }
    }
    edits
}

/// What opens and closes the text that says what a figure shows. The style sheet hides it as long as the
/// figure itself is veiled.
const VEIL: [&str; 2] = ["\n<div class=\"lab-told\">\n\n", "\n</div>\n\n"];

/// Where questions begin that no figure answers, and that are asked before the text says what a figure shows.
const QUESTIONS: &str = "more question";

/// A veil for the text below each figure about which a question is asked, up to the next figure, to the
/// next heading, or to the questions that no figure answers.
fn veils(chapter: &str) -> Edits {
    let mut edits = Edits::new();
    let mut begin = None;
    let mut paragraph = 0;
    let mut end = |begin: &mut Option<usize>, at: usize| {
        if let Some(begin) = begin.take().filter(|begin| !chapter[*begin..at].trim().is_empty()) {
            edits.push((begin..begin, VEIL[0].to_owned()));
            edits.push((at..at, VEIL[1].to_owned()));
        }
    };
    for (event, range) in events(chapter) {
        match event {
            Event::Start(Tag::HtmlBlock) if chapter[range.clone()].starts_with("<figure") => {
                end(&mut begin, range.start);
                if is_asked(chapter, &chapter[range.clone()]) {
                    begin = Some(range.end);
                }
            }
            Event::Start(Tag::Heading { level: HeadingLevel::H2 | HeadingLevel::H3, .. }) => {
                end(&mut begin, range.start)
            }
            Event::Start(Tag::Paragraph) => paragraph = range.start,
            Event::Text(text) if text.contains(QUESTIONS) => end(&mut begin, paragraph),
            _ => {}
        }
    }
    edits
}

/// Whether a question of the chapter is about this figure.
fn is_asked(chapter: &str, figure: &str) -> bool {
    let name = figure.split("data-fig=\"").nth(1).and_then(|rest| rest.split('"').next());
    name.is_some_and(|name| {
        chapter
            .lines()
            .any(|line| line.starts_with("<form") && line.contains(&format!("data-fig=\"{name}\"")))
    })
}

/// How many letters a description has at least, if the page has as many, and at most.
const DESCRIPTION: Range<usize> = 80..200;

/// The first sentences of a page.
fn summary(page: &str) -> String {
    let mut text = String::new();
    let (mut is_prose, mut depth) = (false, 0);
    for (event, _) in events(page) {
        match event {
            Event::Start(
                Tag::BlockQuote(_) | Tag::List(_) | Tag::Table(_) | Tag::DefinitionListDefinition,
            ) => depth += 1,
            Event::End(
                TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Table | TagEnd::DefinitionListDefinition,
            ) => depth -= 1,
            Event::Start(Tag::Paragraph) => is_prose = depth == 0,
            Event::End(TagEnd::Paragraph) if is_prose && text.len() >= DESCRIPTION.start => break,
            Event::End(TagEnd::Paragraph) => {
                is_prose = false;
                text.push(' ');
            }
            Event::Text(part) | Event::Code(part) if is_prose => text += &part,
            Event::SoftBreak if is_prose => text.push(' '),
            _ => {}
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = text.match_indices(". ").map(|(at, _)| at + 1).chain([text.len()]);
    match ends.filter(|end| DESCRIPTION.contains(end)).last() {
        Some(end) => text[..end].to_owned(),
        None if text.len() < DESCRIPTION.end => text,
        None => {
            let end = text
                .char_indices()
                .map(|(at, _)| at)
                .take_while(|at| *at < DESCRIPTION.end)
                .last()
                .unwrap_or(0);
            let words = text[..end].rsplit_once(' ').map_or(&text[..end], |(words, _)| words);
            format!("{words} …")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAPTER: &str = "## Predict\n\n<form data-fig=\"s/curve\">\n</form>\n\n<figure data-fig=\"s/curve\">\n</figure>\n\nIt climbs.\n\n\
        | a |\n|---|\n\nTwo more questions, for you.\n\n<figure data-fig=\"s/other\">\n</figure>\n\nSeen by all.\n\n## Why\n";

    #[test]
    fn what_a_figure_shows_is_veiled_with_it_and_nothing_else() {
        let veiled = edited(CHAPTER, veils(CHAPTER));
        let (before, rest) = veiled.split_once(VEIL[0]).unwrap();
        let (told, after) = rest.split_once(VEIL[1]).unwrap();
        assert!(before.trim_end().ends_with("</figure>"), "{before}");
        assert!(told.contains("It climbs.") && told.contains("| a |") && !told.contains("Two more"));
        assert!(after.starts_with("Two more questions") && !after.contains("lab-told"));
    }

    #[test]
    fn a_page_is_described_by_its_first_sentences() {
        let page = "# A\n\n> Not this.\n\n- Nor this.\n\nShort `one`.\nTwo.\n\nA sentence that is long enough to make a whole of it, with [a link](x).\n\nThe rest.\n";
        assert_eq!(
            summary(page),
            "Short one. Two. A sentence that is long enough to make a whole of it, with a link."
        );
        let long = summary(&"word ".repeat(100));
        assert!(long.ends_with("word …") && long.len() < 210, "{long}");
    }

    #[test]
    fn blocks_become_html_and_the_rest_stays() {
        let page = "a\n\n```console\n$ free -m\n\n# x\n```\n\nb\n\n```rust\nfn f() {}\n```\n";
        let html = edited(page, blocks(page));
        assert!(
            html.starts_with("a\n\n<pre><code class=\"language-console\">")
                && html.contains("\n\n# x\n</code></pre>\n")
        );
        assert!(html.ends_with("\n\nb\n\n```rust\nfn f() {}\n```\n"), "{html}");
    }
}
