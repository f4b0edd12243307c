//! The instructor's guide, word by word: what it says to type in a room without Rust and without a
//! network is typed there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::{Said, lab, said};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_room_without_rust_or_network_can_follow_the_guide,
        a_bundle_takes_the_place_of_nothing,
        a_bundle_that_is_interrupted_leaves_nothing,
        a_bundle_for_another_machine_says_what_is_missing,
        more_workers_than_there_can_be_are_refused,
    ]
}

/// What `lab` in a bundle is called.
const CALLED: &str = "./lab ";

fn a_room_without_rust_or_network_can_follow_the_guide() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let archive = place.path().join("room.tar");
    let made = said(lab(&root(), &[], &["bundle", &archive.display().to_string()]));
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stdout.contains("The book is"), "{made:?}");
    assert!(made.stdout.contains("--vendor"), "it says what it can't do: {made:?}");
    let unpacked = Command::new("tar").arg("-xf").arg(&archive).current_dir(place.path()).status();
    assert!(unpacked.expect("tar is there").success());
    let folder = place.path().join("room");
    let commands = commands();
    assert!(commands.len() > 4, "the guide has no commands for a bundle: {commands:?}");
    for command in commands {
        let said = follow(&folder, &command);
        // UNKNOWN is an answer too, on a machine that lacks something.
        assert!(matches!(said.code, Some(0 | 2)), "{command}: {said:?}");
    }
}

fn a_bundle_takes_the_place_of_nothing() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let archive = place.path().join("room.tar");
    fs::write(&archive, "mine").expect("room for a file");
    fs::create_dir(place.path().join("room")).expect("room for a folder");
    fs::write(place.path().join("room/mine"), "mine").expect("room for a file");
    for (name, why) in [("room.tar", "already exists"), ("room", "isn't empty")] {
        let path = place.path().join(name).display().to_string();
        let said = said(lab(&root(), &[], &["bundle", &path]));
        assert_eq!((said.code, said.stderr.contains(why)), (Some(3), true), "{said:?}");
    }
    assert_eq!(fs::read_to_string(archive).expect("it is left alone"), "mine");
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 2, "nothing else is left");
}

fn a_bundle_that_is_interrupted_leaves_nothing() {
    let place = tempfile::tempdir().expect("a temporary folder");
    for name in ["room.tar", "room"] {
        let path = place.path().join(name).display().to_string();
        let mut bundle = lab(&root(), &[], &["bundle", &path]);
        bundle.stdout(Stdio::null()).stderr(Stdio::null());
        let mut bundle = bundle.spawn().expect("timeout(1) of coreutils is there");
        let begun = || fs::read_dir(place.path()).expect("it is there").count() > 0;
        while !begun() && bundle.try_wait().expect("it is a child").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(begun(), "it makes its folder first");
        kill(Pid::from_raw(bundle.id().cast_signed()), Signal::SIGINT).expect("it has not ended");
        assert_eq!(bundle.wait().expect("it is a child").code(), Some(130));
        assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0, "{name}: nothing is left");
    }
}

fn a_bundle_for_another_machine_says_what_is_missing() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("room.tar").display().to_string();
    // No Rust has the libraries of all of these.
    for (target, why) in [
        ("aarch64-unknown-linux-gun", "did you mean 'aarch64-unknown-linux-gnu'?"),
        ("x86_64-pc-windows-gnu", "a bundle runs on Linux"),
        ("sparc64-unknown-linux-gnu", "rustup target add sparc64-unknown-linux-gnu"),
    ] {
        let said = said(lab(&root(), &[], &["bundle", &path, "--target", target]));
        assert_eq!((said.code, said.stderr.contains(why)), (Some(3), true), "{target}: {said:?}");
    }
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0);
}

fn more_workers_than_there_can_be_are_refused() {
    let catalog = lab::scenario::Catalog::load(&root()).expect("every scenario.toml can be read");
    let names = ["workers", "threads"];
    let sized = catalog.scenarios().iter().filter_map(|scenario| {
        let sizes = scenario.sizes.get("lab")?;
        Some((scenario, names.into_iter().find(|name| sizes.contains_key(*name))?))
    });
    let mut count = 0;
    for (scenario, name) in sized {
        let set = format!("{name}=5000");
        let said = said(lab(&root(), &[], &["run", &scenario.slug, "--size", "smoke", "--set", &set]));
        // A rule of the scenario may have refused it before.
        let refused = ["a run wants", "; this is"].iter().any(|why| said.stderr.contains(why));
        assert!(refused && matches!(said.code, Some(2 | 3)) && said.stderr.contains("5000"), "{said:?}");
        count += 1;
    }
    assert!(count > 5, "{count} scenarios have a number of workers");
}

/// The commands of the guide's code blocks that are typed in a bundle.
fn commands() -> Vec<String> {
    let guide = fs::read_to_string(root().join("book/src/instructor.md")).expect("the guide can be read");
    let blocks = guide.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    lines.filter(|line| line.starts_with(CALLED)).map(str::to_owned).collect()
}

/// Types a command where PATH is empty, with no network where the machine allows that to be taken away.
fn follow(folder: &Path, command: &str) -> Said {
    let alone = ["/usr/bin/unshare", "--map-root-user", "--net"];
    let taken = Command::new(alone[0]).args(&alone[1..]).arg("/bin/true").stderr(Stdio::null()).status();
    let before: &[&str] = if taken.is_ok_and(|status| status.success()) { &alone } else { &[] };
    let mut typed = Command::new("/usr/bin/timeout");
    typed.args(["--kill-after=10", "300"]).args(before).args(command.split_whitespace());
    typed.current_dir(folder).stdin(Stdio::null()).env("PATH", "").env("LANG", "C.UTF-8");
    typed.env_remove("CARGO_TARGET_DIR").env_remove("CARGO").env_remove("LAB_PLAIN");
    said(typed)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
