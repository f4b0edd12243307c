//! `kill -9` of the recorder's own processes, at moments that are spread over a run at random.
//!
//! After the next start of `lab` nothing may be left, and nothing that isn't ours may have been touched.
//! `FATES_KILLS=100 cargo test --test fates kill_9` tries 100 moments of each kind.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use libtest_mimic::{Completion, Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::{NO_NAMESPACES, leftovers};
use crate::program;
use crate::rates;
use crate::stage::{Stage, programs};
use crate::way::{Mode, User, Way};

#[derive(Debug, Clone, Copy)]
enum Victim {
    Lab,
    Supervisor,
    /// The first process of the sandbox; where there are no namespaces, the one that starts the command.
    Init,
}

/// How many moments of each kind are tried if nobody says so.
const MOMENTS: u64 = 10;

/// The variable that says how many.
const VARIABLE: &str = "FATES_KILLS";

/// About as long as a run takes, in milliseconds. A moment after its end is a moment too.
const LENGTH: u64 = 900;

const RECORD: &[&str] =
    &["record", "-q", "--memory", "64M", "--shm", "4M", "--timeout", "60s", "--", "sh", "-c", COMMAND];
const COMMAND: &str = "echo data > /dev/shm/file; sleep 0.3 & setsid sleep 0.5 & sleep 0.6";

pub(crate) fn trials() -> Vec<Trial> {
    let victims = [("lab", Victim::Lab), ("the supervisor", Victim::Supervisor), ("init", Victim::Init)];
    let worlds = [("with namespaces", &[][..]), ("without namespaces", NO_NAMESPACES)];
    let kinds = victims.into_iter().flat_map(|victim| worlds.map(|world| (victim, world)));
    let trial = |((name, victim), (world, before)): ((&str, Victim), (&'static str, &'static [&str]))| {
        let kind = format!("kill -9 of {name}");
        let trial = format!("{kind} {world} leaves nothing").replace([' ', '-'], "_").replace("__", "_");
        Trial::ignorable_test(trial, move || killed(&kind, world, victim, before))
    };
    kinds.map(trial).collect()
}

fn killed(kind: &str, way: &str, victim: Victim, before: &[&str]) -> Result<Completion, Failed> {
    if let Some(missing) = program::impossible(before) {
        return Ok(Completion::ignored_with(missing));
    }
    let moments = std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(MOMENTS);
    let mut faults = Vec::new();
    for part in 0..moments {
        let within = fastrand::u64(..1000 * LENGTH / moments);
        let moment = Duration::from_micros(1000 * LENGTH * part / moments + within);
        let left = left_after(victim, before, moment);
        rates::count(kind, way, left.is_empty());
        if !left.is_empty() {
            faults.push(format!("after {moment:?}: {left:?}"));
        }
    }
    if faults.is_empty() { Ok(Completion::Completed) } else { Err(faults.join("\n").into()) }
}

/// What is left of a run of which one process is killed, and of what isn't ours.
fn left_after(victim: Victim, before: &[&str], moment: Duration) -> Vec<String> {
    // What one victim leaves until the next start isn't to be seen by the others.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock();
    let user = if nix::unistd::geteuid().is_root() { User::Root } else { User::Ordinary };
    let stage = Stage::new(Way { mode: Mode::Confined, user });
    let own = stage.path("tmp/lab-4194001");
    fs::create_dir(&own).expect("a folder of our own");
    let mut other = Command::new("sleep").arg("600").spawn().expect("sleep is there");
    let lab = programs().join("lab").display().to_string();
    let start = |args: &[&str]| {
        let words = [before, &[lab.as_str()], args].concat();
        let plain = stage.command(&[]);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(stage.path("work")).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be started")
    };
    let mut run = start(RECORD);
    std::thread::sleep(moment);
    let pid = run.id().cast_signed();
    let victim = match victim {
        Victim::Lab => Some(pid),
        Victim::Supervisor => leftovers::child(pid),
        Victim::Init => leftovers::child(pid).and_then(leftovers::child),
    };
    if let Some(victim) = victim {
        // It may have ended since it was found.
        let _ = kill(Pid::from_raw(victim), Signal::SIGKILL);
    }
    run.wait().expect("it is a child of this process");
    start(&["record", "-q", "--", "true"]).wait().expect("it is a child of this process");
    let mut left: Vec<String> = stage.running_at_last().into_iter().map(leftovers::described).collect();
    left.extend(leftovers::folders(&stage.path("home")).iter().map(|folder| folder.display().to_string()));
    if !own.is_dir() {
        left.push("nothing of a folder that isn't ours".into());
    }
    let temporary = fs::read_dir(stage.path("tmp")).expect("it was made above").flatten();
    left.extend(
        temporary
            .map(|entry| entry.path())
            .filter(|path| *path != own)
            .map(|path| path.display().to_string()),
    );
    if other.try_wait().is_ok_and(|status| status.is_some()) {
        left.push("nothing of a process that isn't ours".into());
    }
    other.kill().expect("it is ours");
    other.wait().expect("it is a child of this process");
    left
}
