//! One run that is judged.

use crate::model::record::Record;
use crate::scenario::Variant;

/// One run of a variant that the scenario has.
pub(super) struct Run<'a> {
    pub(super) variant: &'a Variant,
    pub(super) record: &'a Record,
}

impl Run<'_> {
    /// Whether two runs were given the same sizes and the same seed.
    pub(super) fn same_input(&self, other: &Run<'_>) -> bool {
        let (mine, theirs) = (&self.record.header, &other.record.header);
        mine.seed == theirs.seed && mine.sizes == theirs.sizes
    }
}
