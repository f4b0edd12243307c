//! The same jobs, where shared memory has room for half of them.

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
        // Broken: this job needs no more than the first one did, and finds the room taken by jobs that are dead.
        let segment = job.named(part)?;
        tracker.watch(&segment)?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
