//! The terms of everything else: pure data that knows neither a sandbox nor a recorder.

pub mod metric;
pub mod outcome;
pub mod record;
pub mod series;
mod unknown_name;
pub mod verdict;

pub use unknown_name::UnknownName;
pub(crate) use unknown_name::nearest;
