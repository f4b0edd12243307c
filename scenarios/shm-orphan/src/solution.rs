//! Jobs that need one segment at a time, and whose segments have no name while they're being read.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    for part in job.parts() {
        let mut segment = job.named(part)?;
        // Fixed: the name goes before the segment is handed over, and what is handed over is the descriptor.
        segment.unlink()?;
        job.hand_over(std::slice::from_ref(&segment))?;
    }
    Ok(())
}
