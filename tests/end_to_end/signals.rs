//! A signal that is sent to `lab record`, or to its group of processes, arrives once at the command.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

use labkit::sys::send_signal;
use libtest_mimic::Trial;
use nix::libc::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::bundle::Bundle;
use crate::common::lab;
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        every_signal_to_the_recorder_arrives_once,
        every_signal_to_the_whole_group_arrives_once,
        the_end_by_a_real_time_signal_is_reported,
        an_orphan_that_a_real_time_signal_ends_ends_nothing_else,
        a_signal_that_the_caller_ignored_is_ignored_by_the_command,
        a_command_in_a_sandbox_that_ignores_the_end_is_killed_after_its_grace,
        a_command_that_stops_stops_the_recorder_too,
    ]
}

/// Watched, and in a sandbox.
const BOTH: [&[&str]; 2] = [&["record", "-q", "--"], &["record", "-q", "--memory", "256M", "--"]];

/// Prints each signal that it gets, and ends with 42 half a second after the first.
const COUNTER: &str = "
    for signal in 1 2 3 10 12 15 28 34 64; do trap \"echo $signal; got=yes\" $signal; done
    echo ready
    while [ -z \"$got\" ]; do sleep 0.02; done
    n=0; while [ $n -lt 20 ]; do sleep 0.02; n=$((n + 1)); done
    exit 42";

/// Starts `lab` itself as the leader of a group of processes, and waits until its command says a first line.
fn start(bundle: &Bundle, record: &[&str], script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let model = lab(bundle.path(), &[], &[]);
    // Who starts the tests in the background of a script has SIGINT and SIGQUIT ignored; a shell can't undo that.
    let mut command = Command::new("env");
    command.args(["--default-signal", env!("CARGO_BIN_EXE_lab")]);
    command.args(record).args(["bash", "-c", script]).current_dir(bundle.path());
    command.envs(model.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
        .env("HOME", bundle.path().join("home"))
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_RUNTIME_DIR");
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut lab = command.spawn().expect("lab can be started");
    let mut output = BufReader::new(lab.stdout.take().expect("it is piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("the command's output");
    assert_eq!(line, "ready\n");
    (lab, output)
}

/// Which signals arrive if one is sent to the recorder, or to its group if the sign is negative.
fn arrives_once(sign: i32) {
    for record in BOTH {
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH, 34, 64] {
            let bundle = Bundle::new();
            let (mut lab, mut output) = start(&bundle, record, COUNTER);
            send_signal(sign * lab.id().cast_signed(), signal).expect("lab lives");
            let mut got = String::new();
            output.read_to_string(&mut got).expect("the command's output");
            let code = lab.wait().expect("lab is a child of this process").code();
            assert_eq!((got, code), (format!("{signal}\n"), Some(42)), "{record:?}");
        }
    }
}

fn every_signal_to_the_recorder_arrives_once() {
    arrives_once(1);
}

fn every_signal_to_the_whole_group_arrives_once() {
    arrives_once(-1);
}

fn the_end_by_a_real_time_signal_is_reported() {
    for record in BOTH {
        let bundle = Bundle::new();
        let (mut lab, _) = start(&bundle, record, "echo ready; kill -40 $$; sleep 10");
        assert_eq!(lab.wait().expect("lab is a child of this process").signal(), Some(40), "{record:?}");
    }
}

fn an_orphan_that_a_real_time_signal_ends_ends_nothing_else() {
    for record in BOTH {
        let script = "echo ready; (sh -c 'sleep 0.2; kill -40 $$' &); sleep 0.5; exit 5";
        let bundle = Bundle::new();
        let (mut lab, _) = start(&bundle, record, script);
        assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(5), "{record:?}");
    }
}

fn a_signal_that_the_caller_ignored_is_ignored_by_the_command() {
    for record in BOTH {
        let bundle = Bundle::new();
        let before = ["env", "--default-signal", "sh", "-c", "trap '' HUP USR2; exec \"$@\"", "sh"];
        let mut command = bundle.command(&before, record);
        let said = crate::common::said({
            command.args(["grep", "SigIgn", "/proc/self/status"]);
            command
        });
        let set = said.stdout.trim().rsplit('\t').next().map(|set| u64::from_str_radix(set, 16));
        // Neither does it ignore SIGPIPE, as Rust's runtime has it. The real-time ones are the test's caller's.
        let set = set.map(|set| set.map(|set| set & 0x7fff_ffff));
        assert_eq!(set, Some(Ok((1 << (SIGHUP - 1)) | (1 << (SIGUSR2 - 1)))), "{said:?}");
    }
}

fn a_command_in_a_sandbox_that_ignores_the_end_is_killed_after_its_grace() {
    let bundle = Bundle::new();
    let record = ["record", "-q", "--memory", "256M", "--grace", "200ms", "--"];
    let (mut lab, _) = start(&bundle, &record, "trap '' TERM; echo ready; while true; do sleep 0.1; done");
    send_signal(lab.id().cast_signed(), SIGTERM).expect("lab lives");
    assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(130));
}

fn a_command_that_stops_stops_the_recorder_too() {
    for record in BOTH {
        let bundle = Bundle::new();
        let (mut lab, _) = start(&bundle, record, "echo ready; sleep 0.5; exit 7");
        let pid = Pid::from_raw(lab.id().cast_signed());
        send_signal(-pid.as_raw(), SIGTSTP).expect("lab lives");
        let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).expect("lab is a child of this process");
        assert!(matches!(stopped, WaitStatus::Stopped(..)), "{stopped:?}");
        send_signal(-pid.as_raw(), SIGCONT).expect("lab lives");
        assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(7), "{record:?}");
    }
}
