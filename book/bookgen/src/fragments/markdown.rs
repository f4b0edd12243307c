//! Parts of a chapter, as mdBook's own parser of Markdown finds them.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

/// The text below a heading of the second level, up to the next one.
pub(super) fn section<'a>(chapter: &'a str, heading: &str) -> Option<&'a str> {
    let headings = headings(chapter);
    let place = headings.iter().position(|(title, _)| title == heading)?;
    let end = headings.get(place + 1).map_or(chapter.len(), |(_, next)| next.start);
    Some(&chapter[headings[place].1.end..end])
}

/// The Markdown without blocks of code, and with the words of its links alone.
pub(super) fn without_code_and_links(markdown: &str) -> String {
    let mut prose = String::new();
    // Up to where the text is taken or left out, and where what is inside of a link has ended.
    let (mut done, mut inner) = (0, 0);
    for (event, range) in events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                prose.push_str(&markdown[done..range.start]);
                done = range.end;
            }
            Event::Start(Tag::Link { .. }) => {
                prose.push_str(&markdown[done..range.start]);
                done = range.start + "[".len();
            }
            Event::End(TagEnd::Link) => {
                prose.push_str(&markdown[done..inner]);
                done = range.end;
            }
            _ => {}
        }
        inner = range.end;
    }
    prose + &markdown[done..]
}

/// The text of every block of code in this language.
pub(super) fn code(markdown: &str, language: &str) -> String {
    let mut is_inside = false;
    let mut code = String::new();
    for (event, _) in events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(of))) => is_inside = &*of == language,
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            Event::Text(text) if is_inside => code.push_str(&text),
            _ => {}
        }
    }
    code
}

/// The headings of the second level, and where they stand.
fn headings(chapter: &str) -> Vec<(String, Range<usize>)> {
    let mut headings: Vec<(String, Range<usize>)> = Vec::new();
    let mut is_inside = false;
    for (event, range) in events(chapter) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                is_inside = true;
                headings.push((String::new(), range));
            }
            Event::End(TagEnd::Heading(_)) => is_inside = false,
            Event::Text(text) | Event::Code(text) if is_inside => {
                let (title, _) = headings.last_mut().expect("a heading has begun");
                title.push_str(&text);
            }
            _ => {}
        }
    }
    headings
}

/// What the parser finds, each with its place.
pub(crate) fn events(markdown: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    new_cmark_parser(markdown, &MarkdownOptions::default()).into_offset_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_loses_its_code_and_its_links_their_targets() {
        let chapter = "# A\n\n## One\n\nSee [this](x) and [**that** one](y).\n\n```console\n$ free -m\n## Two\n```\n\n\
                       Text.\n\n## `Two`\n\nMore.\n";
        let one = section(chapter, "One").unwrap();
        assert_eq!(without_code_and_links(one).trim(), "See this and **that** one.\n\n\n\nText.");
        assert_eq!(code(one, "console"), "$ free -m\n## Two\n");
        assert_eq!(code(one, "rust"), "");
        assert_eq!(section(chapter, "Two"), Some("\nMore.\n"));
        assert_eq!(section(chapter, "Three"), None);
    }
}
