//! A claim as scenario.toml states it: the measure, and the required value.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::amount::{Amount, Quantity, times};
use super::flaw::{Flaw, flaw};
use super::measure::{Measure, MeasureText};
use super::names::{Name, Names};
use crate::model::verdict::{ENDS, WORK};

/// One expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// What it says, as a sentence.
    pub says: String,
    /// The measure.
    pub measure: Measure,
    /// What the post reports, by variant.
    pub post: BTreeMap<String, String>,
    /// What the measure must be, by variant. A variant that isn't here isn't judged.
    pub bounds: BTreeMap<String, Bound>,
}

/// What a measure must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// On which side of the number.
    pub relation: Relation,
    /// The number.
    pub against: Against,
    /// Which runs of the variant it is for, if not for all.
    pub when: Option<When>,
}

/// Which runs a bound is for: a fact says what the program has met, which scenario.toml can't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Those that state this fact as more than 0.
    Any(String),
    /// Those that state it as 0.
    None(String),
}

impl When {
    /// Whether a run that states such facts is one of those; `None` if it states nothing of the kind.
    pub fn is_met(&self, fact: impl Fn(&str) -> Option<u64>) -> Option<bool> {
        match self {
            When::Any(name) => fact(name).map(|number| number > 0),
            When::None(name) => fact(name).map(|number| number == 0),
        }
    }
}

/// How a measure must stand to a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Relation {
    /// As large, or larger.
    AtLeast,
    /// As large, or smaller.
    AtMost,
    /// As large, to the last bit.
    Exactly,
    /// As large, give or take this share of the number.
    About {
        /// The share, such as 0.02.
        within: f64,
    },
}

/// The number that a measure is held against.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// A number times sizes.
    Sizes(Amount),
    /// A number times the same measure of another variant, run with the same sizes and seed.
    Variant {
        /// The number.
        factor: f64,
        /// The name of the other variant.
        name: String,
    },
}

/// One block `[[claim]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimText {
    pub(super) id: Name,
    pub(super) says: String,
    pub(super) measure: Spanned<MeasureText>,
    #[serde(default)]
    pub(super) post: Posts,
    pub(super) bounds: Bounds,
}

/// What the post reports, by variant.
pub(super) type Posts = BTreeMap<Name, String>;

/// What a measure must be, by variant.
pub(super) type Bounds = BTreeMap<Name, Spanned<BoundText>>;

/// One of the bounds; the keys that are there say which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundText {
    at_least: Option<f64>,
    at_most: Option<f64>,
    exactly: Option<f64>,
    about: Option<f64>,
    within: Option<f64>,
    #[serde(default)]
    times: Vec<Name>,
    of: Option<Name>,
    if_any: Option<String>,
    if_none: Option<String>,
}

impl ClaimText {
    pub(super) fn check(self, names: &Names) -> Result<Claim, Flaw> {
        let id = self.id.get_ref();
        if [ENDS, WORK].contains(&id.as_str()) {
            return flaw(self.id.span(), format!("every scenario has a claim '{id}' already"));
        }
        if self.bounds.is_empty() {
            let what = format!("the claim '{id}' bounds no variant: add one under [claim.bounds]");
            return flaw(self.id.span(), what);
        }
        let measure = MeasureText::check(&self.measure, names)?;
        let bounds = bounds(self.bounds, measure.quantity(), names)?;
        let post = posts(self.post, names)?;
        Ok(Claim { id: self.id.into_inner(), says: self.says, measure, post, bounds })
    }
}

/// What the post reports, for variants that are known.
pub(super) fn posts(text: Posts, names: &Names) -> Result<BTreeMap<String, String>, Flaw> {
    text.into_iter().map(|(name, figure)| Ok((names.variant(&name)?, figure))).collect()
}

/// The bounds of a measure of this quantity, for variants that are known.
pub(super) fn bounds(
    text: Bounds,
    quantity: Quantity,
    names: &Names,
) -> Result<BTreeMap<String, Bound>, Flaw> {
    let bound = |(name, text): (Name, Spanned<BoundText>)| {
        Ok((names.variant(&name)?, bound(&text, name.get_ref(), quantity, names)?))
    };
    text.into_iter().map(bound).collect()
}

/// A bound of a measure of this quantity, for a variant.
pub(super) fn bound(
    text: &Spanned<BoundText>,
    variant: &str,
    quantity: Quantity,
    names: &Names,
) -> Result<Bound, Flaw> {
    let BoundText { at_least, at_most, exactly, about, within, times: sizes, of, if_any, if_none } =
        text.get_ref();
    let (relation, factor) = match (at_least, at_most, exactly, about, within) {
        (Some(factor), None, None, None, None) => (Relation::AtLeast, *factor),
        (None, Some(factor), None, None, None) => (Relation::AtMost, *factor),
        (None, None, Some(factor), None, None) => (Relation::Exactly, *factor),
        (None, None, None, Some(factor), Some(within)) => (Relation::About { within: *within }, *factor),
        _ => {
            return flaw(
                text.span(),
                "a bound is one of at_least = NUMBER, at_most = NUMBER, exactly = NUMBER, \
                 or about = NUMBER with within = SHARE",
            );
        }
    };
    let numbers = [factor, within.unwrap_or(0.0)];
    if !numbers.iter().all(|number| number.is_finite() && *number >= 0.0) {
        return flaw(text.span(), "the numbers of a bound are 0 or more");
    }
    let against = match of {
        Some(_) if !sizes.is_empty() => return flaw(text.span(), "a bound has 'times' or 'of', not both"),
        Some(of) if of.get_ref() == variant => {
            return flaw(of.span(), format!("'{variant}' can't be compared with itself"));
        }
        Some(of) => Against::Variant { factor, name: names.variant(of)? },
        None => Against::Sizes(Amount { factor, times: times(sizes, quantity, names)?, plus: 0 }),
    };
    let when = match (if_any, if_none) {
        (Some(_), Some(_)) => return flaw(text.span(), "a bound has 'if_any' or 'if_none', not both"),
        (any, none) => any.clone().map(When::Any).or_else(|| none.clone().map(When::None)),
    };
    Ok(Bound { relation, against, when })
}
