//! The recorders, and how they are started.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use lab::model::record::Record;
use lab::peer;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::seen::Seen;
use crate::watched;

/// A recorder, and how it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorder {
    /// The program alone.
    None,
    /// `lab record`, with so many milliseconds from one sample to the next.
    Lab { millis: u64, group: Group },
    /// `lab record` with the interval that it chooses itself.
    LabAlone,
    /// A loop that reads one file: the least that a recorder can take.
    Bare { millis: u64 },
    /// mprof, with so many milliseconds from one sample to the next, and more words.
    Mprof { millis: u64, words: &'static [&'static str] },
    /// psrecord, likewise.
    Psrecord { millis: u64, words: &'static [&'static str] },
}

/// Whether `lab` may have a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// If the machine gives one.
    Own,
    /// It sees none: an empty folder is mounted over them, which nobody else sees.
    Hidden,
}

/// What all parts need: where things are.
pub(crate) struct Bench {
    /// Removed when the bench ends.
    folder: TempDir,
    /// The Python of the others; or why there is none.
    python: Result<peer::Environment, peer::Unavailable>,
}

impl Bench {
    pub(crate) fn new() -> Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(target)?;
        let requirements =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/benches/recorder/requirements.txt");
        let python = peer::make(&target.join("peer"), &requirements, |said| eprintln!("{said}"));
        if let Err(why) = &python {
            eprintln!("without mprof and psrecord: {why}");
        }
        Ok(Bench { folder: tempfile::tempdir_in(target)?, python })
    }

    /// The versions of the others.
    pub(crate) fn versions(&self) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        self.python.as_ref().map_or(&NONE, |python| &python.versions)
    }

    /// Those of these recorders that this machine has.
    pub(crate) fn present(&self, recorders: &[Recorder]) -> Vec<Recorder> {
        let needs_python =
            |recorder: &Recorder| matches!(recorder, Recorder::Mprof { .. } | Recorder::Psrecord { .. });
        recorders.iter().copied().filter(|recorder| self.python.is_ok() || !needs_python(recorder)).collect()
    }

    /// A file of this name, which is removed at the end.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Has a role played while it is recorded. Gives what the recorder says of it, and the role itself.
    pub(crate) fn run<T: DeserializeOwned>(&self, recorder: Recorder, role: &[&str]) -> Result<(Seen, T)> {
        let (answer, output) = (self.file("answer.json"), self.file("recorded.jsonl"));
        for file in [&answer, &output] {
            let _ = fs::remove_file(file);
        }
        let me = std::env::current_exe()?.display().to_string();
        let words: Vec<&str> = [me.as_str(), watched::ROLE].into_iter().chain(role.iter().copied()).collect();
        let mut command = self.command(recorder, &output, &words)?;
        command
            .env(watched::ANSWER, &answer)
            .env(watched::JUDGE, std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let ended = command.output().with_context(|| recorder.to_string())?;
        if !ended.status.success() {
            bail!("{recorder}: {}: {}", ended.status, String::from_utf8_lossy(&ended.stderr).trim());
        }
        let text =
            fs::read_to_string(&answer).with_context(|| format!("{recorder}: the answer of {role:?}"))?;
        Ok((recorder.said(&output)?, serde_json::from_str(&text)?))
    }

    fn command(&self, recorder: Recorder, output: &Path, words: &[&str]) -> Result<Command> {
        let python = |program: &str| {
            let python = &self.python.as_ref().map_err(|why| anyhow::anyhow!("{why}"))?.python;
            Ok::<_, anyhow::Error>(Command::new(python.with_file_name(program)))
        };
        let command = match recorder {
            Recorder::None => {
                let mut command = Command::new(words[0]);
                command.args(&words[1..]);
                command
            }
            Recorder::Lab { millis, group } => {
                let mut command = group.command(env!("CARGO_BIN_EXE_lab"));
                command.args(["record", "--quiet", "--interval", &format!("{millis}ms"), "--output"]);
                command.arg(output).arg("--").args(words);
                command
            }
            Recorder::LabAlone => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
                command.args(["record", "--quiet", "--output"]).arg(output).arg("--").args(words);
                command
            }
            Recorder::Bare { millis } => {
                let mut command = Command::new(words[0]);
                command.args([watched::ROLE, "bare", &millis.to_string()]).arg(output).args(words);
                command
            }
            Recorder::Mprof { millis, words: options } => {
                let mut command = python("mprof")?;
                command.args(["run", "--interval", &seconds(millis), "--output"]).arg(output);
                command.args(options).args(words);
                command
            }
            Recorder::Psrecord { millis, words: options } => {
                let mut command = python("psrecord")?;
                // It starts a shell, and would watch that.
                let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
                command.arg(format!("exec {}", quoted.join(" ")));
                command.args(["--interval", &seconds(millis), "--log"]).arg(output).args(options);
                command
            }
        };
        Ok(command)
    }
}

impl Recorder {
    /// How often it was asked to sample, in Hz.
    pub(crate) fn rate(self) -> Option<f64> {
        match self {
            Recorder::None | Recorder::LabAlone => None,
            Recorder::Lab { millis, .. }
            | Recorder::Bare { millis }
            | Recorder::Mprof { millis, .. }
            | Recorder::Psrecord { millis, .. } => Some(1000.0 / millis as f64),
        }
    }

    fn said(self, output: &Path) -> Result<Seen> {
        match self {
            Recorder::None => Ok(Seen::default()),
            Recorder::Lab { .. } | Recorder::LabAlone => Ok(Seen::of_lab(Record::read(output)?)),
            Recorder::Bare { .. } | Recorder::Mprof { .. } => {
                Ok(Seen::of_mprof(&fs::read_to_string(output)?))
            }
            Recorder::Psrecord { .. } => Ok(Seen::of_psrecord(&fs::read_to_string(output)?)),
        }
    }
}

impl Display for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recorder::None => write!(formatter, "no recorder"),
            Recorder::Lab { millis, group } => {
                write!(formatter, "lab record -i {millis}ms")?;
                match group {
                    Group::Own => Ok(()),
                    Group::Hidden => write!(formatter, ", no control group"),
                }
            }
            Recorder::LabAlone => write!(formatter, "lab record"),
            Recorder::Bare { millis } => write!(formatter, "a loop that reads statm each {millis} ms"),
            Recorder::Mprof { millis, words } => {
                write!(formatter, "mprof run -T {}", seconds(*millis))?;
                words.iter().try_for_each(|word| write!(formatter, " {word}"))
            }
            Recorder::Psrecord { millis, words } => {
                write!(formatter, "psrecord --interval {}", seconds(*millis))?;
                words.iter().try_for_each(|word| write!(formatter, " {word}"))
            }
        }
    }
}

impl Group {
    fn command(self, lab: &str) -> Command {
        match self {
            Group::Own => Command::new(lab),
            Group::Hidden => {
                let mut command = Command::new("unshare");
                let script = "mount -t tmpfs none /sys/fs/cgroup && exec \"$@\"";
                command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", lab]);
                command
            }
        }
    }
}

fn seconds(millis: u64) -> String {
    (millis as f64 / 1000.0).to_string()
}
