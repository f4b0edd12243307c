//! Texts from outside, made safe to be drawn.

use ratatui::text::Span;

/// The text without anything that could command a terminal, turn the reading order or break XML.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|char| if is_drawn(char) { char } else { '\u{fffd}' }).collect()
}

/// The text cut to so many columns, with `mark` instead of the rest.
pub(crate) fn fit(text: &str, columns: usize, mark: char) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    for char in text.chars() {
        cut.push(char);
        if width(&cut) + 1 > columns {
            cut.pop();
            break;
        }
    }
    if columns > 0 {
        cut.push(mark);
    }
    cut
}

/// The text in lines of so many columns, broken between words; after `most` lines the rest is cut off.
pub(super) fn wrap(text: &str, columns: usize, most: usize, mark: char) -> Vec<String> {
    let options = textwrap::Options::new(columns.max(1)).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut lines: Vec<String> = textwrap::wrap(text, options).into_iter().map(Into::into).collect();
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        lines.push(fit(&rest, columns, mark));
    }
    lines
}

/// How many columns of a terminal the text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// The texts side by side, two columns apart, in as few lines of `columns` columns as they need.
pub(super) fn flow(texts: impl IntoIterator<Item = String>, columns: usize, mark: char) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        let text = fit(&text, columns, mark);
        match lines.last_mut() {
            Some(line) if width(line) + 2 + width(&text) <= columns => {
                line.push_str("  ");
                line.push_str(&text);
            }
            _ => lines.push(text),
        }
    }
    lines
}

/// Whether a character is a mark on paper, and allowed in XML.
fn is_drawn(char: char) -> bool {
    let turns_the_order =
        matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_the_line = matches!(char, '\u{2028}' | '\u{2029}');
    let is_no_character = matches!(u32::from(char) & 0xffff, 0xfffe | 0xffff);
    !(char.is_control() || turns_the_order || breaks_the_line || is_no_character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_a_terminal_do_not_survive() {
        assert_eq!(
            clean("a\u{1b}[2Jb\r\n\u{9b}\u{202e}c\u{ffff}"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}\u{fffd}c\u{fffd}"
        );
    }

    #[test]
    fn a_text_is_cut_at_columns_and_not_at_characters() {
        assert_eq!(fit("fixed_whole", 6, '…'), "fixed…");
        assert_eq!(fit("fixed", 5, '…'), "fixed");
        assert_eq!((fit("日本語", 5, '…'), fit("日本語", 4, '…')), ("日本…".into(), "日…".into()));
        assert_eq!((fit("abc", 0, '…'), fit("abc", 1, '…')), (String::new(), "…".into()));
    }

    #[test]
    fn a_text_is_broken_between_words_and_cut_after_its_last_line() {
        assert_eq!(wrap("memory of the run", 11, 3, '~'), ["memory of", "the run"]);
        assert_eq!(wrap("memory of the run", 7, 2, '~'), ["memory", "of the~"]);
        assert_eq!(wrap("", 7, 2, '~'), [""]);
    }

    #[test]
    fn texts_flow_into_as_few_lines_as_they_need() {
        assert_eq!(flow(["ab", "cd", "efg"].map(String::from), 6, '~'), ["ab  cd", "efg"]);
    }
}
