//! How the tests call `lab`: as a user does, and never forever.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

pub(crate) mod leftovers;
pub(crate) mod podman;

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed};
use serde_json::Value;

/// What the tests are called with; if that isn't said, twice as many at a time as there are processors.
pub(crate) fn arguments() -> Arguments {
    let mut arguments = Arguments::from_args();
    // Most of a trial is waiting, also for programs that wait.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(2 * processors);
    arguments
}

/// What a call of `lab` came to.
pub(crate) struct Said {
    /// The exit code as a shell shows it: when a signal ended it, 128 and the number of that.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// How many verdicts of a report hold; none of them may fail.
pub(crate) fn held(report: &Value) -> Result<usize, Failed> {
    let verdicts = report["verdicts"].as_array().ok_or("a report without verdicts")?;
    if let Some(wrong) = verdicts.iter().find(|verdict| verdict["status"] == "fails") {
        return Err(format!("{}: {wrong:#}", report["scenario"]).into());
    }
    Ok(verdicts.iter().filter(|verdict| verdict["status"] == "holds").count())
}

/// `lab` in a folder that holds scenarios, under a time limit that only a hang can reach.
///
/// The words of `before` come before `lab` on the command line, as `unshare` and its arguments would.
pub(crate) fn lab(folder: &Path, before: &[&str], args: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command
        // A command may end with any code that timeout(1) has for itself, so only its words say that time was up.
        .args(["--preserve-status", "--verbose", "--signal=ALRM", "--kill-after=10", "600"])
        .args(before)
        .arg(env!("CARGO_BIN_EXE_lab"))
        .args(args)
        .current_dir(folder)
        // The records go below the folder, and not to where cargo builds.
        .env_remove("CARGO_TARGET_DIR")
        .env("LANG", "C.UTF-8");
    command
}

/// Runs what follows where nobody may make namespaces, root included.
pub(crate) const NO_NAMESPACES: &[&str] = &[
    "unshare",
    "--user",
    "--map-root-user",
    "sh",
    "-ec",
    "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all -- \"$@\"",
    "sh",
];

/// Runs what follows as an ordinary user.
pub(crate) const NOBODY: &[&str] = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/// Runs the lab of this path in place of the one that follows.
pub(crate) fn in_place_of_lab(path: &str) -> [&str; 4] {
    ["sh", "-c", "lab=$0; shift; exec \"$lab\" \"$@\"", path]
}

/// What timeout(1) says when the time is up.
const TIME_IS_UP: &str = "timeout: sending signal ALRM to command";

/// Runs a command to its end.
pub(crate) fn said(mut command: Command) -> Said {
    let Output { status, stdout, stderr } = command.output().expect("timeout(1) of coreutils is there");
    let text = |bytes| String::from_utf8(bytes).expect("lab prints UTF-8");
    let ended_by = || status.signal().map(|signal| 128 + signal);
    let said = Said { code: status.code().or_else(ended_by), stdout: text(stdout), stderr: text(stderr) };
    assert!(!said.stderr.contains(TIME_IS_UP), "lab hangs: {said:?}");
    said
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As it was printed: escaped JSON in a failure's message is read by nobody.
        write!(f, "exit code {:?}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

impl Said {
    /// What was printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
