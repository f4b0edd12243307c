//! A real container: podman, with a root file system that is made here and the tools of this machine.

use std::fs;
use std::process::{Command, Output};

use libtest_mimic::{Completion, Failed, Trial};

use crate::common::podman;
use crate::rates;
use crate::stage::{Stage, programs};
use crate::way::{Mode, User, Way};

/// Each script runs in a container of its own, and ends with 0 if all is right.
const SCRIPTS: &[(&str, &[&str], &str)] = &[
    (
        "in_a_container_a_command_has_its_own_fate",
        &[],
        "\"$LAB\" record -q -- sh -c 'exit 3'; watched=$?
        \"$LAB\" record -q --memory 64M --timeout 60s -- sh -c 'echo x > /dev/shm/x; exit 4'; confined=$?
        echo $watched $confined $(ls /dev/shm)
        [ \"$watched $confined\" = '3 4' ] && [ -z \"$(ls -A /dev/shm)\" ]",
    ),
    (
        "in_a_container_leftovers_in_shared_memory_are_not_the_next_commands",
        &[],
        "head -c 40M /dev/zero > /dev/shm/left
        \"$LAB\" record -q --memory 30M -- sh -c 'sleep 0.5; exit 3'; code=$?
        echo $code $(ls /dev/shm)
        [ $code = 3 ] && [ \"$(ls /dev/shm)\" = left ]",
    ),
    (
        "in_a_container_memory_is_limited_or_the_kernel_does_it",
        &["--memory=300m"],
        "\"$LAB\" record -q --memory 64M -- head -c 200M /dev/zero | tail -c 1 > /dev/null
        \"$LAB\" record -q --memory 64M -- sh -c 'head -c 200M /dev/zero | tail > /dev/null'; code=$?
        echo $code; [ $code != 0 ] && [ $code != 125 ]",
    ),
    (
        "in_a_container_a_kill_at_its_own_limit_is_named",
        &["--memory=200m", "--memory-swap=200m", "--security-opt=no-new-privileges"],
        "\"$LAB\" record -q -- sh -c 'head -c 400M /dev/zero | exec tail > /dev/null'; code=$?
        why=$(\"$LAB\" diagnose -1 | tr -s ' \\n' ' ')
        echo \"$code $why\"
        [ $code = 137 ] && case $why in
            *'killed at the limit of the enclosing group'*'of 200 MiB'*) true ;;
            *) false ;;
        esac",
    ),
    (
        "a_container_with_the_hosts_groups_and_numbers_of_its_own_leaves_others_alone",
        &["--privileged", "--volume=/sys/fs/cgroup:/sys/fs/cgroup"],
        // The number of the first process here is that of another one on the host.
        "for i in 1 2 3; do \"$LAB\" record -q --memory 64M -- sh -c 'exit 3'; code=$?; done
        echo $code; [ $code = 3 ]",
    ),
];

/// How they are counted: what is confined there is the harder part.
const WAY: Way = Way { mode: Mode::Confined, user: User::Root };

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |&(name, options, script): &(&'static str, &'static [&'static str], &'static str)| {
        Trial::ignorable_test(name, move || {
            rates::counted("in a container", &WAY.to_string(), None, run(options, script))
        })
    };
    SCRIPTS.iter().map(trial).collect()
}

fn run(options: &[&str], script: &str) -> Result<Completion, Failed> {
    if let Some(missing) = podman::missing() {
        return Ok(Completion::ignored_with(missing));
    }
    let stage = Stage::new(WAY);
    // Beside it a command of the host is recorded, and disturbed by nobody.
    let lab = programs().join("lab");
    let mut other = Command::new(&lab);
    other.args(["record", "-q", "--memory", "64M", "--shm", "1M", "--", "sh", "-c", OTHER]);
    let environment = stage.command(&[]);
    let kept = environment.get_envs().filter_map(|(name, value)| Some((name, value?)));
    other.env_clear().envs(kept).current_dir(stage.path("work"));
    let mut other = other.spawn()?;
    let possible = contained(&stage, &[], "true");
    if !possible.status.success() {
        other.kill()?;
        other.wait()?;
        let why = String::from_utf8_lossy(&possible.stderr).trim().replace('\n', "; ");
        return Ok(Completion::ignored_with(format!("podman can't start a container: {why}")));
    }
    let output = contained(&stage, options, script);
    fs::write(stage.path("work/enough"), "")?;
    let other = other.wait()?;
    let printed = [&output.stdout[..], &output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    if !output.status.success() || other.code() != Some(5) {
        return Err(format!("in it: {}\n{printed}\nbeside it: {other}", output.status).into());
    }
    Ok(Completion::Completed)
}

/// The command that is recorded on the host meanwhile.
const OTHER: &str = "i=0; while [ ! -f enough ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done; exit 5";

/// Runs a script in a container with the programs of all cases.
fn contained(stage: &Stage, options: &[&str], script: &str) -> Output {
    let volume = format!("--volume={}:/programs:ro", programs().display());
    let options = [&[volume.as_str(), "--env=LAB=/programs/lab"], options].concat();
    let words = podman::words(&stage.path(""), &options, script);
    stage.run(&words.iter().map(String::as_str).collect::<Vec<_>>(), "")
}
