//! The instructor's guide, word by word: what it says to type in a room without Rust and without a
//! network is typed there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use crate::common::{Said, lab, said};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![a_room_without_rust_or_network_can_follow_the_guide, a_bundle_takes_the_place_of_nothing]
}

/// What `lab` in a bundle is called.
const CALLED: &str = "./lab ";

fn a_room_without_rust_or_network_can_follow_the_guide() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let archive = place.path().join("room.tar");
    let made = said(lab(&root(), &[], &["bundle", &archive.display().to_string()]));
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stdout.contains("The book is"), "{made:?}");
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
    for (name, why) in [("room.tar", "is there already"), ("room", "is not empty")] {
        let path = place.path().join(name).display().to_string();
        let said = said(lab(&root(), &[], &["bundle", &path]));
        assert_eq!((said.code, said.stderr.contains(why)), (Some(3), true), "{said:?}");
    }
    assert_eq!(fs::read_to_string(archive).expect("it is left alone"), "mine");
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 2, "nothing else is left");
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
