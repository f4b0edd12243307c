//! The scenarios, as each scenario.toml describes one.
//!
//! Each file of this room is one table of scenario.toml: its text, its checks, and what it means. A mistake
//! is found here, before anything runs, and is answered with its place and with what is allowed there.

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
mod unknown_name;
mod variant;

pub(crate) use amount::factor;
pub use amount::{Amount, Quantity};
pub use catalog::Catalog;
pub use claim::{Against, Bound, Claim, Relation, When};
pub use cost::Cost;
pub use exercise::Exercise;
pub(crate) use exercise::{Diagnosis, HINTS};
pub use figure::Drawing;
pub(crate) use limits::Limits;
pub use measure::Measure;
pub use peer::Peer;
pub use predict::{Answer, Question};
pub(crate) use scenario::RESULTS;
pub use scenario::{Minutes, Scenario};
pub use sweep::Sweep;
pub use unknown_name::UnknownName;
pub use variant::{Costs, Ends, Kind, Need, Variant};

#[cfg(test)]
mod tests;
