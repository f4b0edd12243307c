//! A real container: podman, with a root file system that is made here and the tools of this machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Completion, Failed, Trial};

use crate::program;
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

/// Why there are no containers here; `None` when there are.
fn missing() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("a container is started by root here".into());
    }
    if !fs::symlink_metadata("/bin").is_ok_and(|data| data.is_symlink()) {
        return Some("a container has /usr of this machine, whose /bin isn't in it".into());
    }
    program::missing(&["podman", "crun", "unshare"])
        .map(|missing| format!("{missing} (Debian: podman, crun)"))
}

fn run(options: &[&str], script: &str) -> Result<Completion, Failed> {
    if let Some(missing) = missing() {
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
    let possible = podman(&stage, &[], "true");
    if !possible.status.success() {
        other.kill()?;
        other.wait()?;
        let why = String::from_utf8_lossy(&possible.stderr).trim().replace('\n', "; ");
        return Ok(Completion::ignored_with(format!("podman can't start a container: {why}")));
    }
    let output = podman(&stage, options, script);
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

/// Runs a script in a container, whose images, containers and states are in a folder of ours.
fn podman(stage: &Stage, options: &[&str], script: &str) -> Output {
    let root = stage.path("root");
    let made = |path: &Path| fs::create_dir_all(path).expect("a folder of our own");
    ["proc", "sys", "dev", "tmp", "etc", "run", "usr", "programs"]
        .iter()
        .for_each(|name| made(&root.join(name)));
    for name in ["bin", "sbin", "lib", "lib64"] {
        let link = root.join(name);
        let _ = fs::remove_file(&link);
        symlink(format!("usr/{name}"), link).expect("a link of our own");
    }
    // crun refuses machines that have both versions of control groups, so here the second one is hidden.
    // And podman leaves a file of locks in /dev/shm, so it has one of its own.
    let hide = "umount /sys/fs/cgroup/unified 2> /dev/null; mount -t tmpfs shm /dev/shm; exec \"$@\"";
    let mut words = vec!["unshare", "--mount", "sh", "-c", hide, "sh", "podman", "--cgroup-manager=cgroupfs"];
    let state = stage.path("podman").display().to_string();
    let places = ["root", "runroot", "tmpdir"].map(|name| format!("--{name}={state}/{name}"));
    words.extend(places.iter().map(String::as_str));
    words.extend(["--storage-driver=vfs", "--events-backend=none", "run", "--rm", "--network=none"]);
    words.extend(["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000", "--volume=/usr:/usr:ro"]);
    let volume = format!("--volume={}:/programs:ro", programs().display());
    words.extend([volume.as_str(), "--env=LAB=/programs/lab", "--env=HOME=/tmp"]);
    words.extend(options);
    let root = root.display().to_string();
    words.extend(["--rootfs", &root, "sh", "-c", script]);
    stage.run(&words, "")
}
