//! The glossary, and the links to it: each page leads there where it first uses a term.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use regex::{Regex, RegexBuilder};

use crate::fragments::markdown::events;
use crate::fragments::template::escaped;

/// Words that the glossary explains as this book uses them, and that nobody needs a link for.
const EVERYDAY: [&str; 48] = [
    "available",
    "bound",
    "broken",
    "Cached",
    "callback",
    "claim",
    "clean page",
    "cycle",
    "exec",
    "executor",
    "exit code",
    "event loop",
    "fact",
    "fixed",
    "fork",
    "future",
    "generation",
    "handle",
    "hang",
    "heap",
    "hole",
    "immortal",
    "job",
    "lock",
    "map",
    "mark",
    "MiB",
    "mutant",
    "page",
    "peak",
    "pool",
    "pressure",
    "record",
    "resident",
    "ring",
    "run",
    "sample",
    "scenario",
    "serialise",
    "size",
    "slice",
    "spawn",
    "task",
    "variant",
    "verdict",
    "view",
    "waker",
    "worker",
];

/// The most letters of an explanation that stands at the term itself.
const LONG: usize = 220;

/// The terms that are linked.
pub(super) struct Glossary {
    /// By its letters in lower case: where it is explained, and how in short.
    terms: BTreeMap<String, (String, String)>,
    /// Any of them, perhaps as more than one.
    any: Option<Regex>,
}

impl Glossary {
    /// Reads the page of the glossary.
    pub(super) fn of(page: &str) -> Self {
        let mut terms = BTreeMap::new();
        let (mut names, mut text, mut is_link) = (String::new(), String::new(), false);
        let mut is_term = false;
        for (event, _) in events(page) {
            match event {
                Event::Start(Tag::DefinitionListTitle) => (is_term, names) = (true, String::new()),
                Event::Start(Tag::DefinitionListDefinition) => (is_term, text) = (false, String::new()),
                Event::Start(Tag::Link { .. }) => is_link = true,
                Event::End(TagEnd::Link) => is_link = false,
                Event::Text(part) | Event::Code(part) if is_term => names += &part,
                // A letter that no text has: what is only a link is left out.
                Event::Text(part) | Event::Code(part) if is_link => text += &format!("\u{1}{part}"),
                Event::Text(part) | Event::Code(part) => text += &part,
                Event::SoftBreak => text.push(' '),
                Event::End(TagEnd::DefinitionListDefinition) => {
                    let place = id(&names);
                    for name in names.split(", ").filter(|name| !EVERYDAY.contains(name)) {
                        terms.insert(name.to_lowercase(), (place.clone(), short(&text)));
                    }
                }
                _ => {}
            }
        }
        let any = any(&terms);
        Glossary { terms, any }
    }

    /// The links of a page: what is replaced by what. `root` leads from the page to the root of the site.
    pub(super) fn links(&self, page: &str, root: &str) -> Vec<(Range<usize>, String)> {
        let Some(any) = &self.any else { return Vec::new() };
        let mut seen = BTreeSet::new();
        let mut links = Vec::new();
        let (mut in_text, mut closed) = (0, 0);
        for (event, range) in events(page) {
            match event {
                Event::Start(tag) if is_text(tag.to_end()) => in_text += 1,
                Event::End(tag) if is_text(tag) => in_text -= 1,
                Event::Start(tag) if is_closed(tag.to_end()) => closed += 1,
                Event::End(tag) if is_closed(tag) => closed -= 1,
                Event::Text(_) if in_text > 0 && closed == 0 => {
                    for found in any.find_iter(&page[range.clone()]) {
                        let Some((place, short)) = self.term(found.as_str()) else { continue };
                        // Two names of one entry are one term.
                        if !seen.insert(place) {
                            continue;
                        }
                        let link = format!(
                            "<a class=\"lab-term\" href=\"{root}glossary.html#{place}\" aria-description=\"{}\">{}</a>",
                            escaped(short),
                            found.as_str()
                        );
                        links.push((range.start + found.start()..range.start + found.end(), link));
                    }
                }
                _ => {}
            }
        }
        links
    }

    /// Where a word is explained, and how in short.
    fn term(&self, word: &str) -> Option<&(String, String)> {
        let word = word.to_lowercase();
        self.terms.get(&word).or_else(|| self.terms.get(word.strip_suffix('s')?))
    }
}

/// All terms, the longest first: a page cache is no page.
fn any(terms: &BTreeMap<String, (String, String)>) -> Option<Regex> {
    let mut names: Vec<&String> =
        terms.keys().filter(|name| name.chars().all(|c| c.is_alphanumeric() || " -".contains(c))).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let names: Vec<_> = names.into_iter().map(|name| regex::escape(name)).collect();
    let pattern = format!(r"\b(?:{})s?\b", names.join("|"));
    (!names.is_empty())
        .then(|| RegexBuilder::new(&pattern).case_insensitive(true).build().expect("the names are escaped"))
}

/// The id that mdBook gives a term.
fn id(names: &str) -> String {
    let kept = names.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || "_- ".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The first sentences of an explanation, without what only leads elsewhere.
fn short(text: &str) -> String {
    static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("(?s) \\((?:[^()]|\\([^()]*\\))*\u{1}(?:[^()]|\\([^()]*\\))*\\)| See \u{1}[^.]*\\.")
            .expect("it is well-formed")
    });
    static END: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[.!?](?: |$)").expect("it is well-formed"));
    let text = ASIDE.replace_all(text, "").replace('\u{1}', "");
    let ends: Vec<usize> = END.find_iter(&text).map(|end| end.start() + 1).collect();
    let end = ends.iter().take(2).rfind(|end| **end <= LONG).or(ends.first());
    text[..*end.unwrap_or(&text.len())].to_owned()
}

/// What holds the prose.
fn is_text(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Paragraph | TagEnd::Item)
}

/// Within these nothing is linked.
fn is_closed(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Link
            | TagEnd::Image
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::BlockQuote(_)
            | TagEnd::Table
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Glossary\n\ntmpfs\n: Files are memory ([tmpfs(5)](https://x)). See [there](y.md).\n\n\
        page\n: A unit.\n\npage cache\n: Pages of *files*. More. And more.\n\nout-of-memory killer, OOM killer\n: It kills & goes.\n";

    #[test]
    fn the_first_use_of_a_term_in_a_page_is_a_link() {
        let glossary = Glossary::of(PAGE);
        let page = "# A tmpfs\n\n[A tmpfs](x). `tmpfs` Two Tmpfs, and a tmpfs, with page caches.\n\n- An OOM killer, or the out-of-memory killer\n";
        let links = glossary.links(page, "../");
        let texts: Vec<_> = links.iter().map(|(range, _)| &page[range.clone()]).collect();
        assert_eq!(texts, ["Tmpfs", "page caches", "OOM killer"]);
        assert_eq!(
            links[0].1,
            "<a class=\"lab-term\" href=\"../glossary.html#tmpfs\" aria-description=\"Files are memory.\">Tmpfs</a>"
        );
        assert!(links[1].1.contains("=\"Pages of files. More.\""), "{}", links[1].1);
        assert!(
            links[2].1.contains("#out-of-memory-killer-oom-killer\"")
                && links[2].1.contains("kills &amp; goes."),
            "{}",
            links[2].1
        );
    }
}
