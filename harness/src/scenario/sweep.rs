//! A sweep as scenario.toml states it: one size at several values, and its picture.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use toml::Spanned;

use super::amount::Quantity;
use super::claim::Claim;
use super::flaw::{Flaw, flaw};
use super::measure::{Measure, MeasureText};
use super::names::{Name, Names, known};
use super::rule::Rule;

/// One size at several values, each of them a run of every variant that is named.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Its name, which is also that of its folder of records.
    pub id: String,
    /// The headline.
    pub title: String,
    /// The names of the variants that are run.
    pub variants: Vec<String>,
    /// The table of sizes that all other sizes are taken from.
    pub from: String,
    /// The name of the size that is varied.
    pub size: String,
    /// Its values, which rise.
    pub(crate) values: Vec<u64>,
    /// The name of the claim that is judged at each value: it is the law that the sweep shows.
    pub claim: String,
    /// The horizontal quantity; the size itself if there is none.
    pub x: Option<Measure>,
    /// The measure on the vertical axis: the claim's, unless the sweep states its own.
    pub y: Measure,
}

impl Sweep {
    /// The folder of its records, below those of its scenario.
    pub(crate) fn folder(&self) -> String {
        format!("sweep-{}", self.id)
    }

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

impl SweepText {
    pub(super) fn check(self, names: &Names, defined: &Defined<'_>) -> Result<Sweep, Flaw> {
        let id = self.id.get_ref();
        if id.is_empty() || !id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit()) {
            return flaw(self.id.span(), "the id of a sweep names a folder: it is of a-z and 0-9");
        }
        let from = known("table of sizes", &self.from, &defined.sizes.keys().cloned().collect::<Vec<_>>())?;
        let size = names.size(&self.size)?;
        let values = values(&self.values, &size, &defined.sizes[&from], defined.rules)?;
        let ids: Vec<String> = defined.claims.iter().map(|claim| claim.id.clone()).collect();
        let claim_id = known("claim", &self.claim, &ids)?;
        let claim = defined.claims.iter().find(|claim| claim.id == claim_id).expect("it is known");
        if self.variants.is_empty() {
            return flaw(self.id.span(), "a sweep runs at least one variant");
        }
        let bounded: Vec<String> = claim.bounds.keys().cloned().collect();
        let what = format!("variant with a bound in the claim {}", claim.id);
        let variants = self.variants.iter().map(|name| known(&what, name, &bounded));
        let variants = variants.collect::<Result<_, _>>()?;
        let x = self.x.as_ref().map(|text| drawn(text, names)).transpose()?;
        let y = match &self.y {
            Some(text) => drawn(text, names)?,
            None if claim.measure.quantity() == Quantity::Ratio => return flaw(self.claim.span(), RATIO),
            None => claim.measure.clone(),
        };
        let (id, title) = (self.id.into_inner(), self.title);
        Ok(Sweep { id, title, variants, from, size, values, claim: claim_id, x, y })
    }
}

fn drawn(text: &Spanned<MeasureText>, names: &Names) -> Result<Measure, Flaw> {
    let measure = MeasureText::check(text, names)?;
    match measure.quantity() {
        Quantity::Ratio => flaw(text.span(), RATIO),
        _ => Ok(measure),
    }
}

const RATIO: &str = "a sweep draws amounts, and this measure is a ratio";

/// The values, each of which keeps the rules of the scenario.
fn values(
    text: &Spanned<Vec<NonZeroU64>>,
    size: &str,
    table: &BTreeMap<String, u64>,
    rules: &[Rule],
) -> Result<Vec<u64>, Flaw> {
    let values: Vec<u64> = text.get_ref().iter().map(|value| value.get()).collect();
    if values.len() < FEWEST || !values.is_sorted_by(|one, next| one < next) {
        let what = format!("a sweep has at least {FEWEST} values, each larger than the one before");
        return flaw(text.span(), what);
    }
    for &value in &values {
        let mut sizes = table.clone();
        sizes.insert(size.to_owned(), value);
        if let Some(rule) = rules.iter().find(|rule| !rule.is_kept(&sizes)) {
            let good = table[size];
            let what = format!("{size} = {value} breaks a rule: {}; {good} keeps it", rule.says);
            return flaw(text.span(), what);
        }
    }
    Ok(values)
}
