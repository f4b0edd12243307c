//! Jobs that need one segment at a time, and remove each of them when it has been read.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    for part in job.parts() {
        let mut segment = job.named(part)?;
        job.hand_over(std::slice::from_ref(&segment))?;
        // TODO: every job is killed while its last segment is being read, and leaves that one. Let none stay.
        segment.unlink()?;
    }
    Ok(())
}
