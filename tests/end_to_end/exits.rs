//! The kernel reports every process, where it reports any.

use std::process::{Child, Command};
use std::time::Duration;

use lab::model::record::{Status, Totals};
use lab::recorder::exits::{Exit, Exits, Root};
use libtest_mimic::Trial;

use crate::trials_where_possible;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        every_child_is_counted_with_its_name_end_and_peak,
        descendants_of_those_that_are_gone_belong_to_the_run_and_others_do_not,
        threads_are_no_processes,
    ]
}

fn start(script: &str) -> Child {
    Command::new("sh").args(["-c", script]).spawn().expect("a shell")
}

/// The exits of a shell and of all that it started, until the shell itself has ended.
fn until_the_end(exits: &mut Exits, mut shell: Child) -> Vec<Exit> {
    let mut all = Vec::new();
    let root = shell.id().cast_signed();
    while all.iter().all(|exit: &Exit| exit.pid != root) {
        all.extend(exits.take());
        std::thread::sleep(Duration::from_millis(1));
    }
    shell.wait().expect("a child of this process");
    all
}

fn every_child_is_counted_with_its_name_end_and_peak() -> Option<String> {
    let mut exits = match Exits::open() {
        Ok(exits) => exits,
        Err(why) => return Some(why),
    };
    let shell = start(
        "for i in $(seq 20); do dd if=/dev/zero of=/dev/null bs=16M count=1 2> /dev/null & done; wait; exit 3",
    );
    exits.begin(Root::At(shell.id().cast_signed()));
    let root = shell.id().cast_signed();
    let all = until_the_end(&mut exits, shell);
    assert_eq!(
        exits.totals(),
        Totals { forks: 21, exits: 22, at_once: exits.totals().at_once, overruns: 0, unread: 0 }
    );
    assert!((2..=22).contains(&exits.totals().at_once), "{:?}", exits.totals());
    let dd: Vec<&Exit> = all.iter().filter(|exit| exit.parent == Some(root) && exit.name != "seq").collect();
    for exit in &dd {
        assert_eq!(exit.status, Some(Status::Exited(0)), "{exit:?}");
        assert!(exit.started < Some(exit.ended), "{exit:?}");
        if exits.no_peaks().is_none() {
            assert_eq!(exit.name, "dd");
            // Its buffer, its program and libraries.
            let mib = exit.peak_rss.expect("a peak") >> 20;
            assert!((16..=20).contains(&mib), "{exit:?}");
        }
    }
    assert_eq!(all.last().map(|exit| (exit.pid, exit.status)), Some((root, Some(Status::Exited(3)))));
    None
}

fn descendants_of_those_that_are_gone_belong_to_the_run_and_others_do_not() -> Option<String> {
    let mut exits = match Exits::open() {
        Ok(exits) => exits,
        Err(why) => return Some(why),
    };
    let mut other = start("sleep 0.05; true; (true)");
    // The parent of the inner shell is gone when that one starts others; cat waits for the last of them.
    let shell = start("(sh -c 'sleep 0.1; true & (kill -9 $$); true' &) | cat; sleep 0.1");
    exits.begin(Root::At(shell.id().cast_signed()));
    let all = until_the_end(&mut exits, shell);
    other.wait().expect("a child of this process");
    let killed: Vec<_> = all.iter().filter(|exit| exit.status == Some(Status::Killed(9))).collect();
    assert_eq!(killed.len(), 1, "{all:?}");
    assert!(all.iter().all(|exit| exit.pid != other.id().cast_signed()), "{all:?}");
    None
}

fn threads_are_no_processes() -> Option<String> {
    let mut exits = match Exits::open() {
        Ok(exits) => exits,
        Err(why) => return Some(why),
    };
    exits.begin(Root::At(std::process::id().cast_signed()));
    let thread = || std::thread::spawn(nix::unistd::gettid).join().expect("a thread").as_raw();
    let threads: Vec<i32> = std::iter::repeat_with(thread).take(10).collect();
    let shell = start("exit");
    let pid = shell.id().cast_signed();
    // Other tests start processes too.
    let all = until_the_end(&mut exits, shell);
    assert!(all.iter().any(|exit| exit.pid == pid) && all.iter().all(|exit| !threads.contains(&exit.pid)));
    None
}
