//! The terminal: its width, its abilities, and whether anybody looks at it.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use terminal_size::{Height, Width, terminal_size, terminal_size_of};
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

use crate::chart::clean;
use crate::chart::terminal::{Charset, Palette};
use crate::name::program;

/// What may be printed where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// Columns.
    pub(crate) width: u16,
    /// Lines.
    pub(crate) height: u16,
    /// Whether colours are wanted.
    pub(crate) palette: Palette,
    /// Whether more than ASCII can be shown.
    pub(crate) charset: Charset,
    /// Whether the cursor can be moved, to draw a picture over and over in one place.
    pub(crate) moves: bool,
    /// Whether pictures and tables are described in sentences, for people who listen to the output.
    pub(crate) describes: bool,
    /// Where it is.
    pub(crate) output: Output,
}

/// A stream of this process that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// The standard output.
    Stdout,
    /// The standard error, for messages next to the output of another program.
    Stderr,
}

/// Whether `--plain` was given. It holds for the whole process, as the variables of [`Screen::detect`] do.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on, nothing is drawn: everything is described in plain sentences.
pub(crate) fn make_plain() {
    PLAIN.store(true, Ordering::Relaxed);
}

impl Screen {
    /// The terminal behind the standard output. `NO_COLOR`, `LAB_PLAIN`, `COLUMNS`, `LANG` and its kin are
    /// respected.
    pub(crate) fn detect() -> Self {
        Self::on(Output::Stdout)
    }

    /// The terminal behind a stream, likewise.
    pub(crate) fn on(output: Output) -> Self {
        let terminal = match output {
            Output::Stdout => std::io::stdout().is_terminal(),
            Output::Stderr => std::io::stderr().is_terminal(),
        };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let size = match output {
            Output::Stdout => terminal_size().filter(|_| terminal),
            Output::Stderr => terminal_size_of(std::io::stderr()),
        };
        let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok());
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let plain = PLAIN.load(Ordering::Relaxed) || variable("LAB_PLAIN").is_some();
        let colour = terminal && !dumb && !plain && variable("NO_COLOR").is_none();
        let language = variable("LC_ALL").or(variable("LC_CTYPE")).or(variable("LANG")).unwrap_or_default();
        let unicode = !plain && language.to_ascii_lowercase().replace('-', "").contains("utf8");
        Screen {
            width: columns.or(size.map(|(Width(width), _)| width)).unwrap_or(80),
            height: size.map_or(24, |(_, Height(height))| height),
            palette: if colour { Palette::Ansi } else { Palette::Plain },
            charset: if unicode { Charset::Unicode } else { Charset::Ascii },
            moves: terminal && !dumb && !plain,
            describes: plain,
            output,
        }
    }

    /// Prints a text on it. Whoever stops reading, as `head` does, isn't an error.
    pub(crate) fn print(&self, text: &str) {
        match self.output {
            Output::Stdout => print(text),
            Output::Stderr => {
                let _ = std::io::stderr().lock().write_all(text.as_bytes());
            }
        }
    }

    /// Text in bold, if there are colours.
    pub(crate) fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    /// Text in red, if there are colours.
    pub(crate) fn red(&self, text: &str) -> String {
        self.painted("1;31", text)
    }

    /// Text in green, if there are colours.
    pub(crate) fn green(&self, text: &str) -> String {
        self.painted("32", text)
    }

    /// Text in yellow, if there are colours.
    pub(crate) fn yellow(&self, text: &str) -> String {
        self.painted("33", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        match self.palette {
            Palette::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
            Palette::Plain => text.to_owned(),
        }
    }

    /// Breaks a text into lines of the screen's width, each begun with `indent`.
    pub(crate) fn wrapped(&self, indent: &str, text: &str) -> String {
        self.filled(indent, indent, text)
    }

    /// Breaks a text into lines that begin after `indent` columns, with `head` before the first one.
    pub(crate) fn item(&self, head: &str, indent: usize, text: &str) -> String {
        let pad = indent.saturating_sub(display_width(head));
        self.filled(&format!("{head}{:pad$}", ""), &" ".repeat(indent), text)
    }

    fn filled(&self, first: &str, others: &str, text: &str) -> String {
        let options = Options::new(self.width.max(20).into())
            .initial_indent(first)
            .subsequent_indent(others)
            // What looks like a hyphen may be a part of a name that someone wants to copy.
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(false);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        textwrap::fill(&text, options) + "\n"
    }
}

/// Says on the standard error what went wrong, which may name files and commands.
pub(crate) fn say(what: &str) {
    let lines: Vec<String> = what.lines().map(clean).collect();
    let _ = writeln!(std::io::stderr(), "{}: {}", program(), lines.join("\n"));
}

/// Prints a text on the standard output. Whoever stops reading, as `head` does, isn't an error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
