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
        // TODO: some segments are never swept, although those who made them are dead. Find out whose number they bear.
        if !setup::is_alive(maker.pid) {
            found.remove()?;
        }
    }
    let mut segments = Vec::new();
    for part in job.parts() {
        segments.push(job.named(part)?);
    }
    job.hand_over(&segments)
}
