//! Jobs with named segments and a tracker, which first remove what dead jobs have left.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    // Fixed: a name tells who made the segment and when that process began. If it's dead, its segment goes.
    job.sweep()?;
    let mut tracker = job.start_tracker()?;
    let mut segments = Vec::new();
    for part in job.parts() {
        let segment = job.named(part)?;
        tracker.watch(&segment)?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
