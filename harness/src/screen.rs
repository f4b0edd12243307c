//! The terminal: how wide it is, what it can show, and whether anybody looks at it.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use terminal_size::{Height, Width, terminal_size, terminal_size_of};

use crate::chart::terminal::{Charset, Palette};

/// What may be printed where.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Whether colours are wanted.
    pub palette: Palette,
    /// Whether more than ASCII can be shown.
    pub charset: Charset,
    /// Whether the cursor can be moved, to draw a picture over and over in one place.
    pub moves: bool,
    /// Whether pictures and tables are told in sentences, for people who listen to what is printed.
    pub tells: bool,
    /// Where it is.
    pub stream: Stream,
}

/// A stream of this process that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The standard output.
    Out,
    /// The standard error, for what is said beside the output of another program.
    Err,
}

/// Whether `--plain` was given. It holds for the whole process, as the variables of [`Screen::detect`] do.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on, nothing is drawn: all is told in plain sentences.
pub fn make_plain() {
    PLAIN.store(true, Ordering::Relaxed);
}

impl Screen {
    /// The terminal behind the standard output. `NO_COLOR`, `LAB_PLAIN`, `COLUMNS`, `LANG` and its kin are
    /// respected.
    pub fn detect() -> Self {
        Self::behind(Stream::Out)
    }

    /// The terminal behind a stream, likewise.
    pub fn behind(stream: Stream) -> Self {
        let terminal = match stream {
            Stream::Out => std::io::stdout().is_terminal(),
            Stream::Err => std::io::stderr().is_terminal(),
        };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let size = match stream {
            Stream::Out => terminal_size().filter(|_| terminal),
            Stream::Err => terminal_size_of(std::io::stderr()),
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
            tells: plain,
            stream,
        }
    }

    /// Prints a text on it. Whoever stops reading, as `head` does, is no error.
    pub fn print(&self, text: &str) {
        match self.stream {
            Stream::Out => print(text),
            Stream::Err => {
                let _ = std::io::stderr().lock().write_all(text.as_bytes());
            }
        }
    }

    /// Text in bold, where there are colours.
    pub fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    /// Text in red, where there are colours.
    pub fn red(&self, text: &str) -> String {
        self.painted("1;31", text)
    }

    /// Text in green, where there are colours.
    pub fn green(&self, text: &str) -> String {
        self.painted("32", text)
    }

    /// Text in yellow, where there are colours.
    pub fn yellow(&self, text: &str) -> String {
        self.painted("33", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        match self.palette {
            Palette::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
            Palette::Plain => text.to_owned(),
        }
    }

    /// Breaks a text into lines of the screen's width, each begun with `indent`.
    pub fn wrapped(&self, indent: &str, text: &str) -> String {
        let room = usize::from(self.width.max(20)) - indent.len();
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last_mut().expect("there is a first line");
            if line.is_empty() {
                line.push_str(word);
            } else if line.chars().count() + 1 + word.chars().count() <= room {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }
}

/// Prints a text on the standard output. Whoever stops reading, as `head` does, is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
