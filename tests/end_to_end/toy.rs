//! The scenario of these tests: it works, or does what programs should not do.

use std::process::{Command, ExitCode};
use std::time::Duration;

use labkit::{Bench, Result};

/// Its scenario.toml.
pub(crate) const TEXT: &str = include_str!("toy.toml");

/// The whole program.
pub(crate) fn main() -> ExitCode {
    labkit::run(
        TEXT,
        &[
            ("broken", |bench| work(bench, bench.size("files"))),
            ("fixed", |bench| work(bench, 1)),
            ("idle", |_| Ok(())),
            ("slow", slow),
            ("orphans", orphans),
            ("floods", floods),
            ("forks", forks),
            ("hangs", |_| hang()),
            ("hogs", hogs),
            ("fills", |bench| work(bench, usize::MAX)),
        ],
    )
}

/// The work that is expected: so many files of zeros.
fn work(bench: &Bench, files: usize) -> Result {
    bench.mark("begin");
    for file in 1..=files {
        write(bench, file)?;
    }
    bench.fact("files_written", files as u64);
    bench.fact("checksum", 7);
    bench.mark("end");
    Ok(())
}

fn write(bench: &Bench, file: usize) -> Result {
    std::fs::write(bench.shm().join(file.to_string()), vec![0; bench.size("file_mib") << 20])?;
    bench.done(file);
    Ok(())
}

/// Long enough to be interrupted on its way.
fn slow(bench: &Bench) -> Result {
    for file in 1..=bench.size("files") {
        write(bench, file)?;
        std::thread::sleep(Duration::from_millis(150));
    }
    work(bench, 1)
}

fn orphans(bench: &Bench) -> Result {
    let deaf = "trap '' HUP INT TERM; setsid sh -c 'sleep 600 & sleep 600' & sleep 600";
    Command::new("sh").args(["-c", deaf]).spawn()?;
    Command::new("setsid").args(["--fork", "sleep", "600"]).status()?;
    work(bench, 1)
}

fn floods(bench: &Bench) -> Result {
    let line = "a line that nobody asked for, and then another one\n".repeat(1 << 10);
    (0..1 << 10).for_each(|_| print!("{line}"));
    println!("the last words");
    work(bench, 1)
}

fn forks(bench: &Bench) -> Result {
    // The shell gives up when it can not fork, and leaves all that it has started.
    Command::new("sh").args(["-c", "while :; do sleep 600 & done"]).status()?;
    work(bench, 1)
}

fn hang() -> Result {
    loop {
        std::thread::sleep(Duration::from_secs(600));
    }
}

fn hogs(bench: &Bench) -> Result {
    bench.mark("begin");
    let mut blocks = Vec::new();
    loop {
        // Not zeros: those would be promised and never given.
        blocks.push(vec![1u8; 1 << 20]);
        std::hint::black_box(&blocks);
        std::thread::sleep(Duration::from_millis(1));
    }
}
