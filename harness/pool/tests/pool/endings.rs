//! How a pool and its tasks end: well, badly, and by force.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use labpool::{Error, Options, Pool};
use libtest_mimic::{Completion, Trial};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::tasks::{Await, Die, Panic, Pass, Sum, Unknown, all, numbers, options, pool};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        a_panic_is_an_error_with_its_message,
        a_pool_goes_on_after_a_panic,
        a_dead_worker_is_an_error_and_never_a_hang,
        a_worker_that_is_killed_while_it_waits_is_an_error,
        an_unknown_task_is_an_error_that_says_what_to_do,
        a_main_that_does_not_serve_is_an_error_and_not_an_endless_row_of_processes,
        a_folder_that_can_not_be_made_is_an_error_with_its_name,
        the_first_error_is_the_last_item,
        arguments_are_taken_as_they_are_needed,
        results_come_in_the_order_of_the_arguments,
        a_slow_worker_does_not_hold_back_the_results_of_others,
        results_that_are_dropped_early_do_not_come_later,
        large_messages_in_both_directions_do_not_block_each_other,
        nothing_is_left_of_a_program_that_is_killed,
        a_folder_goes_even_when_the_tracker_was_killed,
    ];
    for (name, program) in [
        ("a_full_file_system_is_an_error_with_errno_28", "fill"),
        ("a_file_without_room_goes_to_the_other_folder", "spill"),
    ] {
        trials.push(Trial::ignorable_test(name, || Ok(in_one_mib(program))));
    }
    trials
}

const LARGE: usize = 1000;

fn a_panic_is_an_error_with_its_message() {
    let error = pool().run::<Panic>([numbers(0, LARGE)]).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the task 'panic' panicked: 1000 numbers were too many");
}

fn a_pool_goes_on_after_a_panic() {
    let mut pool = pool();
    assert!(pool.run::<Panic>([numbers(0, 3)]).next().unwrap().is_err());
    assert_eq!(all(pool.run::<Sum>([numbers(1, 3)])), [6.0]);
}

#[track_caller]
fn was_killed(error: Error, pids: &[u32]) {
    let Error::TerminatedWorker { pid, status } = error else { panic!("{error}") };
    assert!(pids.contains(&pid));
    assert_eq!(status.signal(), Some(Signal::SIGKILL as i32));
}

fn a_dead_worker_is_an_error_and_never_a_hang() {
    let mut pool = pool();
    let (pids, folder): (Vec<u32>, _) = (pool.pids().collect(), pool.folder().to_owned());
    was_killed(pool.run::<Die>((0..20).map(|_| numbers(0, LARGE))).find_map(Result::err).unwrap(), &pids);
    drop(pool);
    assert!(!folder.exists());
}

fn a_worker_that_is_killed_while_it_waits_is_an_error() {
    let mut pool = pool();
    let pids: Vec<u32> = pool.pids().collect();
    kill(Pid::from_raw(pids[0].cast_signed()), Signal::SIGKILL).unwrap();
    was_killed(pool.run::<Sum>((0..9).map(|_| numbers(0, 3))).find_map(Result::err).unwrap(), &pids);
}

fn an_unknown_task_is_an_error_that_says_what_to_do() {
    let error = pool().run::<Unknown>([()]).next().unwrap().unwrap_err();
    assert!(matches!(error, Error::UnknownTask { name: "unknown" }));
    assert!(error.to_string().contains("Entry::of"));
}

fn a_main_that_does_not_serve_is_an_error_and_not_an_endless_row_of_processes() {
    let output = Command::new("/proc/self/exe").arg("forgetful").output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("call labpool::serve(TASKS)"));
}

/// A program that uses a pool without serving.
pub(crate) fn forgetful() -> ExitCode {
    let error = Pool::start(options()).err().expect("it must be refused");
    println!("{error}");
    ExitCode::SUCCESS
}

fn a_folder_that_can_not_be_made_is_an_error_with_its_name() {
    let folder = Some("/proc/nowhere".into());
    let error = Pool::start(Options { folder, ..options() }).err().unwrap();
    assert!(matches!(&error, Error::Folder { path, .. } if path.starts_with("/proc/nowhere")), "{error}");
}

fn the_first_error_is_the_last_item() {
    let mut pool = pool();
    let mut results = pool.run::<Panic>((0..9).map(|_| numbers(0, 3)));
    assert!(results.next().unwrap().is_err());
    assert!(results.next().is_none());
}

fn arguments_are_taken_as_they_are_needed() {
    let mut pool = Pool::start(Options { workers: 3, ..options() }).unwrap();
    let taken = std::cell::Cell::new(0);
    let args = (0..100).map(|_| {
        taken.set(taken.get() + 1);
        numbers(0, 3)
    });
    // As they come: while results in order wait for a slow first one, all others may be done.
    let results = pool.run_unordered::<Sum>(args);
    assert_eq!(taken.get(), 0);
    for (done, result) in (1..).zip(results) {
        result.unwrap();
        assert!(taken.get() >= done);
        if done == 1 {
            assert!(taken.get() < 100);
        }
    }
    assert_eq!(taken.get(), 100);
}

fn results_come_in_the_order_of_the_arguments() {
    let mut pool = pool();
    let sums = all(pool.run::<Sum>((0..500).map(|start| numbers(start, 1))));
    assert_eq!(sums, (0..500).map(f64::from).collect::<Vec<_>>());
}

fn a_slow_worker_does_not_hold_back_the_results_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("go on");
    let mut pool = pool();
    // The first task waits for what happens after the second has ended.
    let mut results = pool.run_unordered::<Await>([Some(file.clone()), None]);
    assert!(!results.next().unwrap().unwrap());
    std::fs::write(file, "").unwrap();
    assert!(results.next().unwrap().unwrap());
    assert!(results.next().is_none());
}

fn results_that_are_dropped_early_do_not_come_later() {
    let mut pool = pool();
    assert_eq!(pool.run::<Sum>((0..50).map(|start| numbers(start, 1))).take(3).count(), 3);
    assert_eq!(all(pool.run::<Sum>([numbers(77, 1)])), [77.0]);
}

fn large_messages_in_both_directions_do_not_block_each_other() {
    let text = "to and fro ".repeat(200_000);
    let mut pool = pool();
    assert!(all(pool.run::<Pass>((0..12).map(|_| text.clone()))).iter().all(|back| *back == text));
}

fn nothing_is_left_of_a_program_that_is_killed() {
    let parent = TempDir::new().unwrap();
    let mut victim = Command::new("/proc/self/exe")
        .args(["victim", parent.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(victim.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "at work\n");
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
    victim.kill().unwrap();
    victim.wait().unwrap();
    // Workers and tracker have inherited the standard error: it ends when the last of them does.
    let mut said = String::new();
    victim.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((std::fs::read_dir(parent.path()).unwrap().count(), said.as_str()), (0, ""));
}

/// A program with a pool in the middle of its work.
pub(crate) fn victim(folder: &str) -> ExitCode {
    let mut pool = Pool::start(Options { folder: Some(folder.into()), ..options() }).unwrap();
    all(pool.run::<Sum>([numbers(0, LARGE)]));
    println!("at work");
    loop {
        std::thread::park();
    }
}

fn a_folder_goes_even_when_the_tracker_was_killed() {
    let mut pool = pool();
    all(pool.run::<Sum>([numbers(0, LARGE)]));
    let folder = pool.folder().to_owned();
    kill(Pid::from_raw(tracker_of(&folder)), Signal::SIGKILL).unwrap();
    drop(pool);
    assert!(!folder.exists());
}

/// The process whose arguments name the folder.
fn tracker_of(folder: &Path) -> i32 {
    let folder = folder.to_str().unwrap();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .find(|pid: &i32| {
            std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|words| words.contains(folder))
        })
        .unwrap()
}

/// Runs this program again, in a file system of 1 MiB.
fn in_one_mib(word: &str) -> Completion {
    // A small tmpfs of our own, in a mount namespace that nobody else sees.
    let script = r#"mount -t tmpfs -o size=1m none "$2" || exit 99; exec "$0" "$1" "$2""#;
    let folder = TempDir::new().unwrap();
    let program = std::env::current_exe().unwrap();
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .args([program.as_path(), Path::new(word), folder.path()])
        .output();
    match output {
        Err(error) => Completion::ignored_with(format!("unshare(1) is needed: {error}")),
        Ok(output) if matches!(output.status.code(), Some(1 | 99)) => {
            Completion::ignored_with("a mount namespace is needed, and is refused here")
        }
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Completion::Completed
        }
    }
}

/// A program that writes fresh arrays of 100 KiB to a file system of 1 MiB.
pub(crate) fn fill(folder: &str) -> ExitCode {
    let mut pool = Pool::start(Options { folder: Some(folder.into()), ..options() }).unwrap();
    let fresh = |_| numbers(0, 100 * 1024 / 8);
    for _ in 0..2 {
        let error = pool.run::<Sum>((0..20).map(fresh)).find_map(Result::err).expect("20 do not fit");
        let Error::Write { source, bytes, .. } = &error else { panic!("{error}") };
        assert_eq!((source.raw_os_error(), *bytes), (Some(Errno::ENOSPC as i32), 100 * 1024));
        assert_eq!(pool.files_written(), 10);
        // What could not be written whole does not take the rest of the room.
        assert_eq!(std::fs::read_dir(pool.folder()).unwrap().count(), 10);
    }
    // What needs no file goes on.
    assert_eq!(all(pool.run::<Sum>([numbers(1, 3)])), [6.0]);
    drop(pool);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    ExitCode::SUCCESS
}

/// A program that has another folder for what does not fit.
pub(crate) fn spill(folder: &str) -> ExitCode {
    let disk = TempDir::new().unwrap();
    let spill = Some(disk.path().to_owned());
    let mut pool = Pool::start(Options { folder: Some(folder.into()), spill, ..options() }).unwrap();
    assert_eq!(all(pool.run::<Sum>((0..20).map(|_| numbers(0, 100 * 1024 / 8)))).len(), 20);
    assert_eq!((pool.files_written(), pool.files_spilled()), (20, 10));
    ExitCode::SUCCESS
}
