use std::process::{Child, Command};

use super::*;

/// What tells of real processes, or why it can not be had here; then these tests show nothing.
fn exits() -> Option<Exits> {
    match Exits::open() {
        Ok(exits) => Some(exits),
        Err(why) => {
            eprintln!("not looked at: {why}");
            None
        }
    }
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

#[test]
fn every_child_is_counted_with_its_name_end_and_peak() {
    let Some(mut exits) = exits() else { return };
    let shell = start(
        "for i in $(seq 20); do dd if=/dev/zero of=/dev/null bs=16M count=1 2> /dev/null & done; wait; exit 3",
    );
    exits.begin(Root::At(shell.id().cast_signed()));
    let root = shell.id().cast_signed();
    let all = until_the_end(&mut exits, shell);
    assert_eq!(exits.totals(), Totals { forks: 21, exits: 22, overruns: 0, unread: 0 });
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
}

#[test]
fn descendants_of_those_that_are_gone_belong_to_the_run_and_others_do_not() {
    let Some(mut exits) = exits() else { return };
    let mut other = start("sleep 0.05; true; (true)");
    // The parent of the inner shell is gone when that one starts others; cat waits for the last of them.
    let shell = start("(sh -c 'sleep 0.1; true & (kill -9 $$); true' &) | cat; sleep 0.1");
    exits.begin(Root::At(shell.id().cast_signed()));
    let all = until_the_end(&mut exits, shell);
    other.wait().expect("a child of this process");
    let killed: Vec<_> = all.iter().filter(|exit| exit.status == Some(Status::Killed(9))).collect();
    assert_eq!(killed.len(), 1, "{all:?}");
    assert!(all.iter().all(|exit| exit.pid != other.id().cast_signed()), "{all:?}");
}

#[test]
fn threads_are_no_processes() {
    let Some(mut exits) = exits() else { return };
    exits.begin(Root::At(std::process::id().cast_signed()));
    let thread = || std::thread::spawn(nix::unistd::gettid).join().expect("a thread").as_raw();
    let threads: Vec<i32> = std::iter::repeat_with(thread).take(10).collect();
    let shell = start("exit");
    let pid = shell.id().cast_signed();
    // Other tests start processes too.
    let all = until_the_end(&mut exits, shell);
    assert!(all.iter().any(|exit| exit.pid == pid) && all.iter().all(|exit| !threads.contains(&exit.pid)));
}

#[test]
fn what_is_lost_is_told_and_what_is_still_there_is_followed() {
    let Some(mut exits) = exits() else { return };
    exits.connector.0.narrow();
    let shell = start("for i in $(seq 100); do (true); done; (sleep 0.3; exit 5)");
    let root = shell.id().cast_signed();
    exits.begin(Root::At(root));
    std::thread::sleep(Duration::from_millis(200));
    let mut all = exits.take();
    assert!(exits.totals().overruns > 0, "{:?}", exits.totals());
    // From here on there is room for what happens, which is little.
    all.extend(until_the_end(&mut exits, shell));
    assert!(exits.totals().forks < 102 && all.len() as u64 == exits.totals().exits, "{:?}", exits.totals());
    assert_eq!(all.iter().filter(|exit| exit.pid == root).count(), 1, "{all:?}");
}

#[test]
fn a_status_is_read_as_wait_gives_it() {
    assert_eq!(status_of(3 << 8), Status::Exited(3));
    assert_eq!(status_of(9), Status::Killed(9));
    // With a core dump.
    assert_eq!(status_of(11 | 0x80), Status::Killed(11));
}
