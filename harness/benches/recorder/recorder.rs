//! The recorders, how they are started, and what they say.

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

use crate::watched;

/// One MiB, in bytes.
pub(crate) const MIB: f64 = (1 << 20) as f64;

/// A recorder, and how it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorder {
    /// The program alone.
    None,
    /// `lab record`, with so many milliseconds from one beat to the next.
    Lab { millis: u64, group: Group },
    /// mprof, with so many milliseconds from one sample to the next, and more words.
    Mprof { millis: u64, words: &'static [&'static str] },
    /// psrecord, likewise.
    Psrecord { millis: u64, words: &'static [&'static str] },
}

/// Whether `lab` may have a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Where the machine gives one.
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

/// What a recorder says of a run.
#[derive(Default)]
pub(crate) struct Seen {
    /// The samples, in the order of their times.
    pub(crate) samples: Vec<Sample>,
    /// For each child that was seen, the most that was seen of it, in bytes.
    pub(crate) children: BTreeMap<i32, f64>,
    /// All of it, where the recorder is `lab`.
    pub(crate) record: Option<Record>,
}

/// One sample of the total, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// When, in seconds from any moment.
    pub(crate) t: f64,
    pub(crate) value: f64,
    /// The highest since the sample before, where the recorder knows more than the samples.
    pub(crate) peak: Option<f64>,
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
            Recorder::None => None,
            Recorder::Lab { millis, .. }
            | Recorder::Mprof { millis, .. }
            | Recorder::Psrecord { millis, .. } => Some(1000.0 / millis as f64),
        }
    }

    fn said(self, output: &Path) -> Result<Seen> {
        match self {
            Recorder::None => Ok(Seen::default()),
            Recorder::Lab { .. } => Ok(of_lab(Record::read(output)?)),
            Recorder::Mprof { .. } => Ok(of_mprof(&fs::read_to_string(output)?)),
            Recorder::Psrecord { .. } => Ok(of_psrecord(&fs::read_to_string(output)?)),
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

fn of_lab(record: Record) -> Seen {
    let total = if record.series("cgroup").is_some() { "cgroup" } else { "rss" };
    let mut samples = Vec::new();
    if let Some(series) = record.series(total) {
        for (index, (&t, &value)) in series.t.iter().zip(series.v).enumerate() {
            let peak = series.peaks.map(|peaks| peaks[index] as f64);
            samples.push(Sample { t: t as f64 / 1e6, value: value as f64, peak });
        }
    }
    let peaks = record.ended.iter().filter_map(|ended| Some((ended.pid, ended.peak_rss? as f64)));
    Seen { children: peaks.collect(), samples, record: Some(record) }
}

/// Lines such as `MEM 12.3 1700000000.1`, and `CHLD 4711 12.3 1700000000.1`, in MiB and seconds.
fn of_mprof(text: &str) -> Seen {
    let mut seen = Seen::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok());
        match (words[0], number(1), number(2)) {
            ("MEM", Some(mib), Some(t)) => seen.samples.push(Sample { t, value: mib * MIB, peak: None }),
            ("CHLD", Some(pid), Some(mib)) => {
                let most = seen.children.entry(pid as i32).or_default();
                *most = most.max(mib * MIB);
            }
            _ => {}
        }
    }
    seen
}

/// Lines such as `0.010 99.0 12.3 45.6`: seconds, CPU, and resident and virtual memory in MiB.
fn of_psrecord(text: &str) -> Seen {
    let sample = |line: &str| {
        let numbers: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
        let (t, mib) = (*numbers.first()?, *numbers.get(2)?);
        Some(Sample { t, value: mib * MIB, peak: None })
    };
    Seen { samples: text.lines().filter_map(sample).collect(), ..Seen::default() }
}
