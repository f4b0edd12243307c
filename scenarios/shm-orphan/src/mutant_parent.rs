//! Jobs that sweep, but whose segments are named after the process that starts the jobs.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    job.sweep()?;
    let mut tracker = job.start_tracker()?;
    let mut segments = Vec::new();
    for part in job.parts() {
        // Mutant: whoever starts the jobs outlives all of them, so no sweep ever finds this maker dead.
        let segment = job.named_after(job.starter, part)?;
        tracker.watch(&segment)?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
