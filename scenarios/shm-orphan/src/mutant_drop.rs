//! Jobs whose named segments are removed when they are dropped.

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
        let mut segment = job.named(part)?;
        tracker.watch(&segment)?;
        // Mutant: a process that is killed drops nothing.
        segment.remove_on_drop();
        segments.push(segment);
    }
    job.hand_over(&segments)
}
