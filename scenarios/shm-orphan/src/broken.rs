//! Jobs with named segments and a tracker. Whoever ends a job kills its whole process group.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    let mut tracker = job.start_tracker()?;
    let mut segments = Vec::new();
    for part in job.parts() {
        // Broken: only a process can remove this name, and the two that know it are killed by the same signal.
        let segment = job.named(part)?;
        tracker.watch(&segment)?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
