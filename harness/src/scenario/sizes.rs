//! The tables of sizes of a scenario.toml.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use toml::Spanned;

use super::flaw::{Flaw, flaw};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizesText {
    /// The one table that must be there: a scenario that is run by hand uses it.
    smoke: Spanned<Table>,
    lab: Option<Spanned<Table>>,
    post: Option<Spanned<Table>>,
}

type Table = BTreeMap<String, NonZeroU64>;

impl SizesText {
    pub(super) fn names(&self) -> Vec<String> {
        self.smoke.get_ref().keys().cloned().collect()
    }

    /// The tables by name, which must all have the same sizes.
    pub(super) fn check(&self) -> Result<BTreeMap<String, BTreeMap<String, u64>>, Flaw> {
        let names = self.names();
        let mut tables = BTreeMap::from([("smoke".to_owned(), plain(&self.smoke))]);
        for (name, table) in [("lab", &self.lab), ("post", &self.post)] {
            let Some(table) = table else { continue };
            if !table.get_ref().keys().eq(&names) {
                let names = names.join(", ");
                return flaw(
                    table.span(),
                    format!("[sizes.{name}] must have the same names as [sizes.smoke]: {names}"),
                );
            }
            tables.insert(name.to_owned(), plain(table));
        }
        Ok(tables)
    }
}

fn plain(table: &Spanned<Table>) -> BTreeMap<String, u64> {
    table.get_ref().iter().map(|(name, size)| (name.clone(), size.get())).collect()
}
