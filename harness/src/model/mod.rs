//! What everything else speaks of: pure data, which knows of no sandbox and no recorder.

pub mod metric;
pub mod outcome;
pub mod record;
pub mod series;
pub mod verdict;
