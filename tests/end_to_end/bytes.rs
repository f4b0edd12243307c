//! A command's arguments and environment are bytes, and reach it as they are; and a command that isn't
//! there is said to be so, as a shell says it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;

use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::said;
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        an_argument_that_is_not_utf_8_arrives,
        braces_in_an_argument_stay_braces,
        more_arguments_than_fit_into_one_word_arrive,
        a_large_environment_arrives,
        a_command_that_is_not_there_is_127_and_says_so,
        a_command_that_can_not_be_executed_is_126_and_says_so,
    ]
}

/// Watched, and in a sandbox.
const BOTH: [&[&str]; 2] = [&["record", "-q", "--"], &["record", "-q", "--memory", "256M", "--"]];

fn an_argument_that_is_not_utf_8_arrives() {
    for record in BOTH {
        let bundle = Bundle::new();
        let mut command = bundle.command(&[], record);
        command.args(["sh", "-c", "printf %s \"$1\" | od -An -tx1", "sh"]);
        let said = said_to(command.arg(OsString::from_vec(b"caf\xe9".to_vec())));
        assert_eq!(said.stdout.trim(), "63 61 66 e9", "{said:?}");
    }
}

fn braces_in_an_argument_stay_braces() {
    for record in BOTH {
        let bundle = Bundle::new();
        let mut command = bundle.command(&[], record);
        let said = said_to(command.args(["echo", "{shm} {disk}"]));
        assert_eq!(said.stdout, "{shm} {disk}\n", "{said:?}");
    }
}

fn more_arguments_than_fit_into_one_word_arrive() {
    for record in BOTH {
        let bundle = Bundle::new();
        let mut command = bundle.command(&[], record);
        // 200 KB, and none of them is large. One word may have 128 KB (execve(2)).
        let numbers: Vec<String> = (1..=40_000).map(|number| number.to_string()).collect();
        let said = said_to(command.args(["sh", "-c", "echo $#", "sh"]).args(&numbers));
        assert_eq!(said.stdout, "40000\n", "{}", said.stderr);
    }
}

fn a_large_environment_arrives() {
    for record in BOTH {
        let bundle = Bundle::new();
        let mut command = bundle.command(&[], record);
        for number in 0..20 {
            command.env(format!("LARGE_{number}"), "x".repeat(50_000));
        }
        let said = said_to(command.args(["sh", "-c", "env | grep ^LARGE_ | wc -c"]));
        let expected: usize = (0..20).map(|number| format!("LARGE_{number}=\n").len() + 50_000).sum();
        assert_eq!(said.stdout.trim(), expected.to_string(), "{}", said.stderr);
    }
}

fn a_command_that_is_not_there_is_127_and_says_so() {
    for record in BOTH {
        let bundle = Bundle::new();
        let said = said_to(bundle.command(&[], record).arg("no-such-command"));
        assert_eq!(said.code, Some(127), "{said:?}");
        assert!(said.stderr.contains("no-such-command: No such file or directory"), "{said:?}");
    }
}

fn a_command_that_can_not_be_executed_is_126_and_says_so() {
    for record in BOTH {
        let bundle = Bundle::new();
        let file = bundle.path().join("file");
        fs::write(&file, "").expect("a file in the bundle");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is our own");
        let said = said_to(bundle.command(&[], record).arg("./file"));
        assert_eq!(said.code, Some(126), "{said:?}");
        assert!(said.stderr.contains("./file: Permission denied"), "{said:?}");
    }
}

fn said_to(command: &mut std::process::Command) -> crate::common::Said {
    said(std::mem::replace(command, std::process::Command::new("true")))
}
