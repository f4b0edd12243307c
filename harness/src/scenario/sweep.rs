//! A sweep as scenario.toml states it: one size at several values, and what is to be seen of it.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use toml::Spanned;

use super::amount::Quantity;
use super::claim::{Claim, Measure};
use super::names::{Flaw, Names, flaw, known};
use super::rule::Rule;
use super::text::{MeasureText, Name};

/// One size at several values, each of them a run of every variant that is named.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Its name, which is also that of its folder of records.
    pub id: String,
    /// What is to be seen, as a headline.
    pub title: String,
    /// The names of the variants that are run.
    pub variants: Vec<String>,
    /// The table of sizes that all other sizes are taken from.
    pub from: String,
    /// The name of the size that is varied.
    pub size: String,
    /// Its values, which rise.
    pub values: Vec<u64>,
    /// The name of the claim that is judged at each value: it is the law that the sweep shows.
    pub claim: String,
    /// What is drawn across; the size itself where there is none.
    pub x: Option<Measure>,
    /// What is drawn up: that of the claim, where the sweep states none of its own.
    pub y: Measure,
}

impl Sweep {
    /// What the numbers across stand for. A size of memory is counted in MiB.
    pub fn across(&self) -> Quantity {
        match &self.x {
            Some(measure) => measure.quantity(),
            None if self.size.ends_with("_mib") || self.size.ends_with("_kib") => Quantity::Mib,
            None => Quantity::Count,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SweepText {
    pub(super) id: Name,
    title: String,
    variants: Vec<Name>,
    from: Name,
    size: Name,
    values: Spanned<Vec<NonZeroU64>>,
    claim: Name,
    x: Option<Spanned<MeasureText>>,
    y: Option<Spanned<MeasureText>>,
}

/// What a scenario has defined before its sweeps, which refer to it.
pub(super) struct Defined<'a> {
    pub(super) sizes: &'a BTreeMap<String, BTreeMap<String, u64>>,
    pub(super) rules: &'a [Rule],
    pub(super) claims: &'a [Claim],
}

/// The fewest values that show a law: any two points are on a line.
const FEWEST: usize = 3;

impl Names {
    pub(super) fn sweep(&self, text: &SweepText, defined: &Defined<'_>) -> Result<Sweep, Flaw> {
        let id = text.id.get_ref();
        if id.is_empty() || !id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit()) {
            return flaw(text.id.span(), "the id of a sweep names a folder: it is of a-z and 0-9");
        }
        let from = known("table of sizes", &text.from, &defined.sizes.keys().cloned().collect::<Vec<_>>())?;
        let size = known("size", &text.size, &self.sizes)?;
        let values = values(text, &size, &defined.sizes[&from], defined.rules)?;
        let ids: Vec<String> = defined.claims.iter().map(|claim| claim.id.clone()).collect();
        let id_of_claim = known("claim", &text.claim, &ids)?;
        let claim = defined.claims.iter().find(|claim| claim.id == id_of_claim).expect("it is known");
        if text.variants.is_empty() {
            return flaw(text.id.span(), "a sweep runs at least one variant");
        }
        let bounded: Vec<String> = claim.bounds.keys().cloned().collect();
        let what = format!("variant with a bound in the claim {}", claim.id);
        let variants = text.variants.iter().map(|name| known(&what, name, &bounded));
        let x = text.x.as_ref().map(|text| self.drawn(text)).transpose()?;
        let y = match &text.y {
            Some(text) => self.drawn(text)?,
            None if claim.measure.quantity() == Quantity::Ratio => {
                return flaw(text.claim.span(), RATIO);
            }
            None => claim.measure.clone(),
        };
        Ok(Sweep {
            id: id.clone(),
            title: text.title.clone(),
            variants: variants.collect::<Result<_, _>>()?,
            from,
            size,
            values,
            claim: id_of_claim,
            x,
            y,
        })
    }

    fn drawn(&self, text: &Spanned<MeasureText>) -> Result<Measure, Flaw> {
        let measure = self.measure(text)?;
        if measure.quantity() == Quantity::Ratio {
            return flaw(text.span(), RATIO);
        }
        Ok(measure)
    }
}

const RATIO: &str = "a sweep draws amounts, and this measure is a ratio";

/// The values, each of which keeps the rules of the scenario.
fn values(
    text: &SweepText,
    size: &str,
    table: &BTreeMap<String, u64>,
    rules: &[Rule],
) -> Result<Vec<u64>, Flaw> {
    let values: Vec<u64> = text.values.get_ref().iter().map(|value| value.get()).collect();
    if values.len() < FEWEST || !values.is_sorted_by(|one, next| one < next) {
        let what = format!("a sweep has at least {FEWEST} values, each larger than the one before");
        return flaw(text.values.span(), what);
    }
    for &value in &values {
        let mut sizes = table.clone();
        sizes.insert(size.to_owned(), value);
        if let Some(rule) = rules.iter().find(|rule| !rule.is_kept(&sizes)) {
            let good = table[size];
            let what = format!("{size} = {value} breaks a rule: {}; {good} keeps it", rule.says);
            return flaw(text.values.span(), what);
        }
    }
    Ok(values)
}
