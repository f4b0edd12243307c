//! Jobs with nameless segments. Whoever ends a job kills its whole process group.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    let mut segments = Vec::new();
    for part in job.parts() {
        // Fixed: this file has no name. The worker gets its descriptor, and the kernel frees it after the last one.
        segments.push(job.nameless(part)?);
    }
    job.hand_over(&segments)
}
