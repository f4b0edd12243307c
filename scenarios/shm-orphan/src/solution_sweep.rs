//! Jobs that sweep before they begin, in a folder that others use too.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs_beside_others(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    for found in job.segments_there()? {
        let maker = found.maker;
        // Fixed: a number that is given out again belongs to a process with another start time.
        if setup::start_of(maker.pid) != Some(maker.start) {
            found.remove()?;
        }
    }
    let mut segments = Vec::new();
    for part in job.parts() {
        segments.push(job.named(part)?);
    }
    job.hand_over(&segments)
}
