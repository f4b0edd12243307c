//! Jobs whose segments lose their names at once. Whoever ends a job kills its whole process group.

use std::io;

use labkit::{Bench, Result};

use crate::setup::{self, Job, Kill};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::run_jobs(bench, Kill::Group, work)
}

fn work(job: &Job<'_>) -> io::Result<()> {
    let mut segments = Vec::new();
    for part in job.parts() {
        let mut segment = job.named(part)?;
        // Fixed: the file is open, so its name has done its duty. The worker inherits the descriptor.
        segment.unlink()?;
        segments.push(segment);
    }
    job.hand_over(&segments)
}
