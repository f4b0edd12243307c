//! The least that a recorder does: it wakes, reads one file of one process, and goes to sleep again.

use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl;
use nix::sys::time::TimeSpec;

/// Runs the words, and reads the resident memory of what they start every `interval`. What it has read it writes as
/// mprof does.
pub(super) fn record(interval: Duration, output: &Path, words: &[&str]) -> Result<()> {
    // As the recorder that it's held against.
    prctl::set_timerslack(1)?;
    let (ends, end) = io::pipe()?;
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    labkit::sys::pass_fd(&mut command, end.into());
    let mut child = command.spawn().context("the program")?;
    drop(command);
    let statm = File::open(format!("/proc/{}/statm", child.id()))?;
    let (start, mut next) = (Instant::now(), Instant::now());
    let mut samples = Vec::new();
    loop {
        next += interval;
        let pause = TimeSpec::from_duration(next.saturating_duration_since(Instant::now()));
        if ppoll(&mut [PollFd::new(ends.as_fd(), PollFlags::POLLIN)], Some(pause), None)? > 0 {
            break;
        }
        let mut text = [0; 128];
        let length = statm.read_at(&mut text, 0)?;
        let pages = std::str::from_utf8(&text[..length])?
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<f64>().ok());
        samples.push((start.elapsed().as_secs_f64(), pages.unwrap_or(0.0)));
    }
    let page = procfs::page_size() as f64 / (1 << 20) as f64;
    let mut text = String::new();
    for (t, pages) in samples {
        writeln!(text, "MEM {} {t}", pages * page)?;
    }
    fs::write(output, text)?;
    ensure!(child.wait()?.success(), "the program failed");
    Ok(())
}
