//! What is emulated of arm64: scenarios and cases as on other machines, and the unit tests. All of it is built here.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

use crate::machine::{self, Hardware, Kind, Pages, Ran, fetched};

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// What each size of pages has in its names.
const PAGES: [(&str, Pages); 2] =
    [("arm64_with_pages_of_4_kib::", Pages::Of4K), ("arm64_with_pages_of_16_kib::", Pages::Of16K)];

/// What runs even if nobody asks for all: every second scenario, with the larger pages, and a command that's recorded.
const ALWAYS: &str = "arm64_with_pages_of_16_kib::root_under_cgroup_v2";

pub(crate) fn trials() -> Vec<Trial> {
    let of_pages = |(before, pages): (&str, Pages)| {
        let hardware = Hardware::Arm64(pages);
        let kind = Kind { hardware, ..crate::ORDINARY };
        let unit_tests = crate::trial(&format!("{before}the_unit_tests"), kind, move || unit_tests(kind));
        crate::trials(before, hardware, bundle, lab_alone).into_iter().chain([unit_tests])
    };
    PAGES.into_iter().flat_map(of_pages).collect()
}

/// Why a test isn't run, if it takes too long for every day.
pub(crate) fn left_out(name: &str) -> Option<String> {
    let is_wanted = !name.starts_with("arm64") || name == ALWAYS;
    let all = std::env::var_os("LAB_ARM64").is_some_and(|value| value == "all");
    (!is_wanted && !all).then(|| "it takes minutes, and LAB_ARM64=all runs it".to_owned())
}

/// As `lab bundle` makes it for an arm64 machine.
fn bundle() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut lab = building(env!("CARGO_BIN_EXE_lab"));
    output(lab.arg("bundle").arg(folder.path()).args(["--target", TARGET]));
    crate::add_cases(folder.path());
    folder
}

/// `lab`, without any scenario.
fn lab_alone() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [lab] = &built(&["build", "--package", "lab", "--bin", "lab"])[..] else {
        panic!("lab is one program")
    };
    crate::copy_lab(lab, folder.path());
    folder
}

/// The packages whose unit tests run.
const TESTED: [&str; 2] = ["whyoom", "whyoom-kit"];

/// Tests that look at files of the repository, which the machine hasn't got.
const OF_THE_REPOSITORY: [&str; 2] = ["each_mode_is_whole", "the_posts_sizes_are_refused"];

/// Runs the unit tests, in programs that need no library.
fn unit_tests(kind: Kind) -> Result<Completion, Failed> {
    let packages = TESTED.iter().flat_map(|package| ["--package", package]);
    let arguments: Vec<&str> =
        ["test", "--no-run", "--lib", "--features", "whyoom/workbook"].into_iter().chain(packages).collect();
    let programs = built(&arguments);
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("bin")).expect("a folder of our own");
    for (number, program) in programs.iter().enumerate() {
        fs::copy(program, folder.path().join("bin").join(number.to_string())).expect("room for a copy");
    }
    let skipped: String = OF_THE_REPOSITORY.iter().map(|name| format!(" --skip {name}")).collect();
    // Each random case takes some fifty times as long there.
    let command = format!(
        "export PROPTEST_CASES=16; code=0; for program in bin/*; do ./$program{skipped} || code=1; done; exit $code"
    );
    let Ran { code, output } = machine::run(kind, folder.path(), &command);
    let passed = output.matches("test result: ok. ").count();
    match code == 0 && passed == TESTED.len() {
        true => Ok(Completion::Completed),
        false => Err(output.into()),
    }
}

/// The programs that cargo builds for arm64, with these arguments.
fn built(arguments: &[&str]) -> Vec<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut cargo = building(cargo);
    cargo.args(arguments).args(["--profile", "workshop", "--target", TARGET, "--message-format=json"]);
    let printed = output(&mut cargo);
    let messages = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| Some(message["executable"].as_str()?.into())).collect()
}

/// A program that calls cargo for arm64: with the compiler and the linker that were fetched, and linked statically, so
/// that the machine needs no library.
fn building(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUSTFLAGS")
        .env("RUSTC", fetched().join("bin/rustc"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", fetched().join("bin/aarch64-linux-gnu-gcc"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-C target-feature=+crt-static")
        .env("CARGO_TARGET_DIR", fetched().join("build"));
    command
}

/// What a command prints; it must end well.
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it's there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
