//! The figures of a chapter, as scenario.toml and the book's figures.toml state them.

use serde::Deserialize;
use toml::Spanned;

use super::claim::Claim;
use super::flaw::{Flaw, flaw};
use super::names::{Name, known, metric};
use super::variant::{Kind, Variant};
use crate::model::metric::Metric;

/// What one figure of the book shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Its name, which its files and its place in the page bear.
    pub id: String,
    /// The headline.
    pub title: String,
    /// The curves: of several variants the first metric, of one variant all of them, on shared axes.
    pub metrics: Vec<&'static Metric>,
    /// The names of the variants, in the order of the legend.
    pub variants: Vec<String>,
    /// The id of the claim whose bound is drawn in.
    pub claim: Option<String>,
    /// Whether the first metric is a total, and the others are its parts, drawn as areas on top of each other.
    pub stacked: bool,
    /// Whether each run has the whole width for the time that it took. `None` if that's not stated, and then they share
    /// the time.
    pub own_time: Option<bool>,
}

/// One block `[[figure]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FigureText {
    pub(super) id: Name,
    /// Only in figures.toml: in a scenario.toml, it is its own.
    pub(super) scenario: Option<Name>,
    title: String,
    metrics: Vec<Name>,
    variants: Option<Vec<Name>>,
    claim: Option<Name>,
    stacked: Option<Spanned<bool>>,
    own_time: Option<Spanned<bool>>,
}

impl Drawing {
    /// The metrics drawn first, as opposed to those that a reader may switch to.
    pub fn drawn(&self) -> &[&'static Metric] {
        match self.variants.as_slice() {
            [_] => &self.metrics,
            _ => &self.metrics[..1],
        }
    }
}

impl FigureText {
    /// Checks a figure of the scenario that has these variants and claims.
    pub(super) fn check(self, variants: &[Variant], claims: &[Claim]) -> Result<Drawing, Flaw> {
        let id = self.id.get_ref();
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return flaw(self.id.span(), "the id of a figure consists of a-z, 0-9 and '-'");
        }
        let metrics = self.metrics.iter().map(metric).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = metrics.first() else {
            return flaw(self.id.span(), format!("the figure '{id}' has no metric to draw"));
        };
        let drawn = match &self.variants {
            Some(names) => {
                let all: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
                names.iter().map(|name| known("variant", name, &all)).collect::<Result<_, _>>()?
            }
            None => shown(variants),
        };
        let other_unit = self.metrics.iter().zip(&metrics).find(|(_, metric)| metric.unit != first.unit);
        match (drawn.as_slice(), other_unit) {
            ([], _) => return flaw(self.id.span(), format!("the figure '{id}' has no variant to draw")),
            ([_], Some((name, _))) => {
                let what = format!("'{}' and '{}' have no common axis", name.get_ref(), first.name);
                return flaw(name.span(), what);
            }
            _ => {}
        }
        let stacked = self.stacked.filter(|stacked| *stacked.get_ref());
        let is_whole = drawn.len() == 1 && metrics.len() > 1 && self.claim.is_none();
        if let Some(stacked) = stacked.as_ref().filter(|_| !is_whole) {
            let what = "only a total and its parts can be stacked, of one variant and without a claim";
            return flaw(stacked.span(), what);
        }
        if let Some(own_time) = self.own_time.as_ref().filter(|_| drawn.len() == 1) {
            return flaw(own_time.span(), "the curves of one variant take the same time");
        }
        let claim = self.claim.map(|name| claim(&name, claims, &metrics)).transpose()?;
        Ok(Drawing {
            id: self.id.into_inner(),
            title: self.title,
            metrics,
            variants: drawn,
            claim,
            stacked: stacked.is_some(),
            own_time: self.own_time.map(Spanned::into_inner),
        })
    }
}

/// A claim whose bound is a place on the axis of one of these metrics.
fn claim(name: &Name, claims: &[Claim], metrics: &[&'static Metric]) -> Result<String, Flaw> {
    let all: Vec<String> = claims.iter().map(|claim| claim.id.clone()).collect();
    let id = known("claim", name, &all)?;
    let claim = claims.iter().find(|claim| claim.id == id).expect("it is one of theirs");
    match claim.measure.metric() {
        Some(metric) if metrics.contains(&metric) => Ok(id),
        _ => flaw(
            name.span(),
            format!("the claim '{id}' bounds no level of {}, so it can't be drawn", metrics[0].name),
        ),
    }
}

/// The variants that a run shows if nobody has named any.
fn shown(variants: &[Variant]) -> Vec<String> {
    let shown = variants.iter().filter(|variant| matches!(variant.kind, Kind::Broken | Kind::Fixed));
    shown.map(|variant| variant.name.clone()).collect()
}
