//! The same jobs. Whoever ends one kills its owner alone, and the tracker lives a little longer.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: the owner's death closes the pipe, and the tracker is there to see it and to remove the names.
    setup::run_jobs(bench, Kill::Owner, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    let mut tracker = job.start_tracker()?;
    let mut segments = Vec::new();
    for part in job.parts() {
        let segment = job.named(part)?;
        tracker.watch(&segment)?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
