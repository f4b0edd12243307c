//! The measures of the variants' costs: the columns of the chapter's table of costs.

use serde::Deserialize;
use toml::Spanned;

use super::flaw::Flaw;
use super::measure::{Measure, MeasureText};
use super::names::Names;

/// One column of the table of costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Its heading.
    pub title: String,
    /// The measure of each variant.
    pub measure: Measure,
}

/// One block `[[cost]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CostText {
    title: String,
    measure: Spanned<MeasureText>,
}

impl CostText {
    pub(super) fn check(self, names: &Names) -> Result<Cost, Flaw> {
        Ok(Cost { title: self.title, measure: MeasureText::check(&self.measure, names)? })
    }
}
