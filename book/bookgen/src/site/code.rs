//! Blocks of code: commands whose prompts aren't copied, and differences in which the changed words
//! are marked.

use std::sync::LazyLock;

use regex::Regex;
use similar::{ChangeTag, TextDiff};

use crate::fragments::template::escaped;

/// A session in a terminal. The prompts are drawn by the style sheet, so nobody copies them, and what
/// was typed can be told from the answers. `None` if nothing in it was typed.
pub(super) fn console(code: &str) -> Option<String> {
    let mut html = String::from("<pre><code class=\"language-console\">");
    let (mut typed, mut goes_on) = (false, false);
    // A line may begin with `#` in an answer too: it's a prompt where a shell of root was opened before.
    let mut is_root = code.starts_with("# ");
    for line in code.split_inclusive('\n') {
        let prompt = line.get(..2).filter(|prompt| match *prompt {
            "$ " => true,
            "# " => is_root,
            "> " => goes_on,
            _ => false,
        });
        goes_on = prompt.is_some();
        typed |= goes_on;
        is_root |= line.contains("--map-root-user");
        match prompt {
            Some(prompt) => {
                let command = escaped(line[2..].trim_end_matches('\n'));
                html += &format!(
                    "<span class=\"lab-prompt\" data-prompt=\"{}\"></span><span class=\"lab-command\">{command}</span>\n",
                    escaped(prompt)
                );
            }
            None => html += &escaped(line),
        }
    }
    typed.then(|| html + "</code></pre>\n")
}

/// A difference, line by line, in which the words that changed are marked.
pub(super) fn diff(code: &str) -> String {
    let mut html = String::from("<pre class=\"lab-diff\"><code class=\"language-diff\">");
    let mut lines = code.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let is_head = number < 2 && (line.starts_with("---") || line.starts_with("+++"));
        match line.as_bytes().first() {
            Some(b'-') if !is_head => {
                let mut sides = [vec![&line[1..]], Vec::new()];
                for (place, sign) in ['-', '+'].into_iter().enumerate() {
                    while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with(sign)) {
                        sides[place].push(&line[1..]);
                    }
                }
                let [old, new] = changed(&sides[0].join("\n"), &sides[1].join("\n"));
                html += &side(&old, '-', "hljs-deletion", sides[0].len());
                html += &side(&new, '+', "hljs-addition", sides[1].len());
            }
            Some(b'+') if !is_head => html += &side(&escaped(&line[1..]), '+', "hljs-addition", 1),
            Some(b'-' | b'+' | b'@') => {
                html += &format!("<span class=\"hljs-meta\">{}</span>\n", escaped(line))
            }
            _ => html += &format!("{}\n", escaped(line)),
        }
    }
    html + "</code></pre>\n"
}

/// The lines of one side, each with its sign.
fn side(html: &str, sign: char, class: &str, count: usize) -> String {
    let lines = html.split('\n').take(count);
    lines.map(|line| format!("<span class=\"{class}\">{sign}{line}</span>\n")).collect()
}

/// How much of the longer side must have stayed, in percent, for a mark to tell anything.
const ALIKE: usize = 30;

/// Both texts as HTML, with a `<mark>` around what only one of them has. None reaches over the end of a line.
fn changed(old: &str, new: &str) -> [String; 2] {
    let diff = TextDiff::from_slices(&words(old), &words(new));
    let side = |tag: ChangeTag| {
        let changes = diff.iter_all_changes();
        changes
            .filter(move |change| [tag, ChangeTag::Equal].contains(&change.tag()))
            .map(move |change| (change.value(), change.tag() == tag))
    };
    let count = |text: &str| text.split_whitespace().map(str::len).sum::<usize>();
    let same: usize =
        side(ChangeTag::Delete).filter(|(_, is_new)| !is_new).map(|(word, _)| count(word)).sum();
    if same * 100 < count(old).max(count(new)) * ALIKE {
        return [escaped(old), escaped(new)];
    }
    [ChangeTag::Delete, ChangeTag::Insert].map(|tag| marked(side(tag)))
}

/// Names, rows of signs, and the blanks between them. A blank is one letter, so that each line has an end of its own.
fn words(text: &str) -> Vec<&str> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\w+|\s|[^\w\s]+").expect("the pattern is well-formed"));
    WORD.find_iter(text).map(|word| word.as_str()).collect()
}

/// The words, with a mark around each row of those that changed and the blanks between them.
fn marked<'a>(words: impl Iterator<Item = (&'a str, bool)>) -> String {
    let mut html = String::new();
    // What was changed so far, and the blanks after it, which belong to it if another change follows.
    let (mut row, mut blanks) = (String::new(), String::new());
    let end = |html: &mut String, row: &mut String| {
        if !row.is_empty() {
            *html += &format!("<mark>{row}</mark>");
            row.clear();
        }
    };
    for (word, is_changed) in words {
        if word.trim().is_empty() {
            if word.contains('\n') || row.is_empty() {
                end(&mut html, &mut row);
                html += &std::mem::take(&mut blanks);
                html += word;
            } else {
                blanks += word;
            }
        } else if is_changed {
            row += &std::mem::take(&mut blanks);
            row += &escaped(word);
        } else {
            end(&mut html, &mut row);
            html += &std::mem::take(&mut blanks);
            html += &escaped(word);
        }
    }
    end(&mut html, &mut row);
    html + &blanks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_drawn_and_answers_are_not_commands() {
        let html = console("$ for a in b; do\n> c < d\n> done\nanswer\n# no prompt\n").unwrap();
        assert_eq!(html.matches("class=\"lab-command\"").count(), 3);
        assert!(html.contains("data-prompt=\"&gt; \"></span><span class=\"lab-command\">c &lt; d</span>\n"));
        assert!(html.contains("answer\n# no prompt\n"));
        assert!(
            console("# mount\n").is_some()
                && console("$ unshare --map-root-user\n# mount\n").unwrap().contains(">mount<")
        );
        assert_eq!(console("only an answer\n"), None);
    }

    #[test]
    fn the_words_that_changed_are_marked() {
        let html = diff(
            "--- a.rs\n+++ b.rs\n@@ -1 +1 @@\n let x = 1;\n-    let a = cut(part, now);\n+    let a = cut(whole, now);\n+    b();\n",
        );
        assert!(html.contains("<span class=\"hljs-meta\">--- a.rs</span>\n"));
        assert!(html.contains("\n let x = 1;\n"));
        assert!(html.contains("cut(<mark>part</mark>, now);</span>"), "{html}");
        assert!(html.contains("<span class=\"hljs-addition\">+    <mark>b();</mark></span>\n"), "{html}");
        let all_new = diff("-one two three\n+four five six\n");
        assert!(!all_new.contains("<mark>"), "{all_new}");
    }
}
