use std::process::{Child, Command};

use super::*;

/// What reports real processes, or why it can't be had here; then these tests show nothing.
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
fn what_is_lost_is_said_and_what_is_still_there_is_followed() {
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
