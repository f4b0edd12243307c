//! The worth of a claim if the kernel had no huge page to give in the run.

use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict};

/// Page faults of all programs that got no huge page.
const DENIED: &str = "host_huge_pages_denied";

/// The verdict on a claim of a scenario that needs huge pages: what fails is UNKNOWN if the kernel gave small pages
/// instead of huge ones. Whose they were isn't known, so it may have been this run's.
pub(super) fn adjusted(verdict: Verdict, record: &Record) -> Verdict {
    match (&verdict.status, denied(record)) {
        (Status::Fails, 1..) => {
            let why =
                "the kernel had too few huge pages in this run, and gave small ones (host_huge_pages_denied)";
            Verdict { status: Status::Unknown(why.to_owned()), hint: None, ..verdict }
        }
        _ => verdict,
    }
}

/// How many there were in the run; 0 if nobody counted.
fn denied(record: &Record) -> u64 {
    let series = record.series(DENIED);
    let ends = series.and_then(|series| Some((series.v.first()?, series.v.last()?)));
    ends.map_or(0, |(first, last)| last.saturating_sub(*first))
}
