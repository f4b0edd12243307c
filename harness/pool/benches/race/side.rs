//! One side of the race: a program that gets words, and answers with seconds and a checksum.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Sizes;

/// The first argument that makes this program our side.
pub(crate) const OURS: &str = "side";

/// How a side is started.
pub(crate) struct Racer {
    /// Our pool, or joblib's back end.
    pub(crate) name: &'static str,
    program: PathBuf,
    words: Vec<String>,
    folder: PathBuf,
}

/// A side at work.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    child: Child,
    words: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a side says of a piece of work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) seconds: f64,
    pub(crate) checksum: u64,
}

impl Racer {
    /// Our side, which is this program.
    pub(crate) fn ours(name: &'static str, folder: &Path, sizes: &Sizes) -> Self {
        let first = [OURS.to_owned(), folder.display().to_string()];
        let words = first.into_iter().chain(words(sizes)).collect();
        Racer { name, program: "/proc/self/exe".into(), words, folder: folder.to_owned() }
    }

    /// joblib's side, with one of its back ends.
    pub(crate) fn theirs(name: &'static str, python: &Path, folder: &Path, sizes: &Sizes) -> Self {
        let first = ["-c", "import sys, theirs; theirs.main(*sys.argv[1:])", name].map(str::to_owned);
        let words = first.into_iter().chain(words(sizes)).collect();
        Racer { name, program: python.to_owned(), words, folder: folder.to_owned() }
    }
}

impl Side {
    pub(crate) fn start(racer: &Racer) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(&racer.program)
            .args(&racer.words)
            .env("JOBLIB_TEMP_FOLDER", &racer.folder)
            .env("PYTHONPATH", Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/race"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", racer.program.display()))?;
        let (words, answers) = (child.stdin.take(), child.stdout.take().expect("it is piped"));
        Ok(Side { name: racer.name, child, words, answers: BufReader::new(answers) })
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Has the work done, and waits for the answer.
    pub(crate) fn ask(&mut self, word: &str) -> Result<Answer, Box<dyn Error>> {
        let words = self.words.as_mut().expect("it is open until the end");
        writeln!(words, "{word}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let (seconds, checksum) =
            line.trim().split_once(' ').ok_or(format!("{} gave up on '{word}'", self.name))?;
        Ok(Answer { seconds: seconds.parse()?, checksum: checksum.parse()? })
    }

    /// Waits until the side has cleared its things and ended.
    pub(crate) fn end(mut self) -> Result<(), Box<dyn Error>> {
        self.words = None;
        match self.child.wait()? {
            status if status.success() => Ok(()),
            status => Err(format!("{}: {status}", self.name).into()),
        }
    }
}

impl Drop for Side {
    /// A side that gave up, or that nobody waits for any more: its workers and files go with it.
    fn drop(&mut self) {
        self.words = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn words(sizes: &Sizes) -> impl Iterator<Item = String> {
    sizes.iter().map(|(name, size)| format!("{name}={size}"))
}
