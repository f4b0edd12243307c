//! A program that lives on its memory, and what it knows of its own work.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{PAGE, PRELUDE, answer, recorder_cpu, touched};

/// What the program of the burden did.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Work {
    /// From its beginning to its end, in seconds.
    pub(crate) wall: f64,
    /// The processor time of its threads, in seconds.
    pub(crate) cpu: f64,
    /// For how long its threads were ready to run and had no processor, in seconds.
    pub(crate) ready: f64,
    /// The processor time of the recorder meanwhile, in seconds.
    pub(crate) recorder: f64,
    /// How many pages it has touched.
    pub(crate) pages: u64,
}

impl Work {
    /// For how long its threads slept, as a part of the time in which they had a processor or asked for
    /// none: they sleep when one waits for the process's map.
    pub(crate) fn asleep(&self, threads: usize) -> f64 {
        let awake_or_asleep = self.wall * threads as f64 - self.ready;
        ((awake_or_asleep - self.cpu) / awake_or_asleep).max(0.0)
    }
}

/// Threads that map, touch and unmap memory in one process, next to as much memory that stays.
pub(super) fn work(threads: usize, mib: usize, millis: u64) -> Result<()> {
    const BLOCK: usize = 32;
    let stays = touched(mib - threads * BLOCK)?;
    thread::sleep(PRELUDE);
    let (begin, recorder) = (Instant::now(), recorder_cpu()?);
    let end = begin + Duration::from_millis(millis);
    let share = || -> Result<(u64, f64, f64)> {
        let (cpu, ready) = thread_times()?;
        let mut pages = 0;
        while Instant::now() < end {
            drop(touched(BLOCK)?);
            pages += (BLOCK << 20) / PAGE;
        }
        let times = thread_times()?;
        Ok((pages as u64, times.0 - cpu, times.1 - ready))
    };
    let done: Vec<_> = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(share)).collect();
        all.into_iter()
            .map(|thread| thread.join().expect("to touch memory does not panic"))
            .collect::<Result<_>>()
    })?;
    let wall = begin.elapsed().as_secs_f64();
    let recorder = recorder_cpu()? - recorder;
    drop(stays);
    answer(&Work {
        wall,
        cpu: done.iter().map(|(_, cpu, _)| cpu).sum(),
        ready: done.iter().map(|(.., ready)| ready).sum(),
        recorder,
        pages: done.iter().map(|(pages, ..)| pages).sum(),
    })
}

/// The processor time of this thread, and for how long it was ready and had no processor, in seconds
/// (Documentation/scheduler/sched-stats.rst; without it in the kernel, the second is 0).
fn thread_times() -> Result<(f64, f64)> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ready = text.split(' ').nth(1).and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((Duration::from(time).as_secs_f64(), ready / 1e9))
}
