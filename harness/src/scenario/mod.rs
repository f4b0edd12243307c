//! The scenarios, as each scenario.toml describes one.
//!
//! Each file of this room is one table of scenario.toml: its text, its checks, and what it means. Mistakes are found
//! here, before anything runs; the answer has the place and the allowed values.

mod amount;
mod catalog;
mod claim;
mod cost;
mod exercise;
mod figure;
mod file;
mod flaw;
mod limits;
mod measure;
mod names;
mod peer;
mod predict;
mod rule;
#[expect(clippy::module_inception, reason = "the room is named after its main type")]
mod scenario;
mod sizes;
mod sweep;
mod variant;

pub(crate) use amount::factor;
pub use amount::{Amount, Quantity};
pub use catalog::Catalog;
pub use claim::{Against, Bound, Claim, Relation, When};
pub use cost::Cost;
pub(crate) use exercise::{Diagnosis, HINTS};
pub use exercise::{Exercise, Trace};
pub use figure::Drawing;
pub(crate) use limits::Limits;
pub use measure::Measure;
pub use peer::Peer;
pub use predict::{Answer, Question};
pub(crate) use scenario::RESULTS;
pub use scenario::{Minutes, Scenario};
pub use sweep::Sweep;
pub use variant::{Costs, Ends, Kind, Need, Variant};

#[cfg(test)]
mod tests;
