//! The scenario of these tests: it works, or does what programs should not do.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Duration;

use labkit::{Bench, Result};
use nix::sys::memfd::{MFdFlags, memfd_create};

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
            ("children", children),
            ("holds", holds),
            ("hangs", |_| hang()),
            ("hogs", hogs),
            ("fills", |bench| work(bench, usize::MAX)),
            ("spike", spike),
            ("strays", strays),
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
    // The shell gives up when it can't fork, and leaves all that it has started.
    Command::new("sh").args(["-c", "while :; do sleep 600 & done"]).status()?;
    work(bench, 1)
}

/// Many children that live for 10 ms, four at a time. Each prints the peak that it reads of itself, in KiB.
fn children(bench: &Bench) -> Result {
    let child = || {
        std::hint::black_box(vec![1_u8; 13 << 19]);
        std::thread::sleep(Duration::from_millis(8));
        let status = std::fs::read_to_string("/proc/self/status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        println!("{}", peak.unwrap_or("none"));
        std::io::stdout().flush()
    };
    let mut living = VecDeque::new();
    for _ in 0..500 {
        living.push_back(labkit::sys::fork(child)?);
        if living.len() == 4 {
            living.pop_front().expect("there are four").wait()?;
        }
    }
    living.into_iter().try_for_each(|child| child.wait())?;
    work(bench, 1)
}

/// Memory that nobody maps: a file without a name that two processes hold, and one that was deleted.
fn holds(bench: &Bench) -> Result {
    let mut blob = File::from(memfd_create(c"blob", MFdFlags::MFD_CLOEXEC)?);
    blob.write_all(&vec![1; 20 << 20])?;
    let mut deleted = File::create(bench.shm().join("deleted"))?;
    deleted.write_all(&vec![1; 1 << 20])?;
    std::fs::remove_file(bench.shm().join("deleted"))?;
    let mut other = Command::new("sleep").arg("600").stdin(blob.try_clone()?).spawn()?;
    work(bench, 1)?;
    other.kill()?;
    other.wait()?;
    drop((blob, deleted));
    Ok(())
}

/// Writes where a program of a scenario has no business, and says whether it could.
fn strays(bench: &Bench) -> Result {
    let file = std::env::temp_dir().join("strayed");
    bench.fact("strayed", u64::from(std::fs::write(&file, "here").is_ok()));
    // What many a program needs.
    std::fs::write("/dev/null", "nowhere")?;
    work(bench, 1)
}

fn hang() -> Result {
    loop {
        std::thread::sleep(Duration::from_secs(600));
    }
}

/// How much memory is used for a moment, in MiB.
pub(crate) const SPIKE: u8 = 48;

/// Memory that is used between two samples of a slow recorder, and given back at once.
fn spike(_: &Bench) -> Result {
    std::thread::sleep(Duration::from_millis(300));
    std::hint::black_box(vec![1u8; usize::from(SPIKE) << 20]);
    std::thread::sleep(Duration::from_millis(200));
    Ok(())
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
