//! A whole scenario.toml: its top level, and all its tables.

use std::num::NonZeroU32;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::claim::ClaimText;
use super::cost::CostText;
use super::exercise::ExerciseText;
use super::figure::{Drawing, FigureText};
use super::flaw::{Flaw, flaw, parsed};
use super::limits::LimitsText;
use super::names::{Name, Names, all_different, known, metric};
use super::peer::{Peer, PeerText};
use super::predict::PredictText;
use super::rule::RuleText;
use super::scenario::{Minutes, Scenario};
use super::sizes::SizesText;
use super::sweep::{Defined, SweepText};
use super::variant::{Costly, Need, VariantText};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    number: Spanned<NonZeroU32>,
    title: String,
    lesson: String,
    #[serde(default = "chapter")]
    chapter: String,
    minutes: Minutes,
    #[serde(default)]
    needs: Vec<Need>,
    marks: Vec<Name>,
    curve: Name,
    #[serde(default)]
    scale: Vec<Name>,
    sizes: SizesText,
    limits: LimitsText,
    #[serde(default)]
    rule: Vec<RuleText>,
    variant: Vec<VariantText>,
    #[serde(default)]
    claim: Vec<ClaimText>,
    #[serde(default)]
    cost: Vec<CostText>,
    #[serde(default)]
    exercise: Vec<ExerciseText>,
    #[serde(default)]
    figure: Vec<FigureText>,
    #[serde(default)]
    predict: Vec<PredictText>,
    #[serde(default)]
    sweep: Vec<SweepText>,
    peer: Option<PeerText>,
}

/// What a scenario.toml has.
pub(super) struct Read {
    pub(super) scenario: Scenario,
    pub(super) peer: Option<Peer>,
    /// Where its number is, which only a reader of all scenarios can check.
    pub(super) number: Range<usize>,
}

/// Reads a scenario from the text of the scenario.toml in this folder.
pub(super) fn scenario(folder: &Path, text: &str) -> Result<Read, Flaw> {
    let text: Text = parsed(text)?;
    let names = Names {
        sizes: text.sizes.names(),
        marks: all_different("mark", text.marks.iter())?,
        variants: all_different("variant", text.variant.iter().map(|variant| &variant.name))?,
    };
    all_different("claim", text.claim.iter().map(|claim| &claim.id))?;
    all_different("figure", text.figure.iter().map(|figure| &figure.id))?;
    all_different("question", text.predict.iter().map(|question| &question.id))?;
    all_different("exercise", text.exercise.iter().map(|exercise| &exercise.name))?;
    all_different("sweep", text.sweep.iter().map(|sweep| &sweep.id))?;
    let limits = text.limits.check(&names)?;
    let costly = if text.cost.is_empty() { Costly::Not } else { Costly::Compared };
    let variants = each(text.variant, |variant| variant.check(&text.needs, &limits, costly, &names))?;
    let exercises = each(text.exercise, |exercise| exercise.check(&variants, &names))?;
    let rules = each(text.rule, |rule| rule.check(&names))?;
    let sizes = text.sizes.check()?;
    let claims = each(text.claim, |claim| claim.check(&names))?;
    let defined = Defined { sizes: &sizes, rules: &rules, claims: &claims };
    let sweeps = each(text.sweep, |sweep| sweep.check(&names, &defined))?;
    let figures = each(text.figure, |figure| match &figure.scenario {
        Some(name) => flaw(name.span(), "the figures of a scenario.toml are of that scenario"),
        None => figure.check(&variants, &claims),
    })?;
    let scenario = Scenario {
        slug: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        folder: folder.to_owned(),
        number: text.number.get_ref().get(),
        title: text.title,
        lesson: text.lesson,
        chapter: PathBuf::from(text.chapter),
        minutes: text.minutes,
        needs: text.needs,
        curve: metric(&text.curve)?,
        scale: each(text.scale, |name| names.size(&name))?,
        costs: each(text.cost, |cost| cost.check(&names))?,
        questions: each(text.predict, |predict| predict.check(&names, &figures))?,
        marks: names.marks,
        rules,
        sizes,
        limits,
        variants,
        claims,
        exercises,
        figures,
        sweeps,
    };
    let peer = text.peer.map(|peer| peer.check(&scenario)).transpose()?;
    Ok(Read { scenario, peer, number: text.number.span() })
}

/// A file of figures that belong to no chapter of a scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiguresText {
    #[serde(default)]
    figure: Vec<FigureText>,
}

/// Reads figures that each name their scenario.
pub(super) fn figures<'a>(
    text: &str,
    scenarios: &'a [Scenario],
) -> Result<Vec<(&'a Scenario, Drawing)>, Flaw> {
    let text: FiguresText = parsed(text)?;
    all_different("figure", text.figure.iter().map(|figure| &figure.id))?;
    let slugs: Vec<String> = scenarios.iter().map(|scenario| scenario.slug.clone()).collect();
    each(text.figure, |figure| {
        let Some(name) = &figure.scenario else {
            return flaw(figure.id.span(), "which scenario is it of? Add: scenario = \"SLUG\"");
        };
        let slug = known("scenario", name, &slugs)?;
        let scenario = scenarios.iter().find(|scenario| scenario.slug == slug).expect("it is one of theirs");
        Ok((scenario, figure.check(&scenario.variants, &scenario.claims)?))
    })
}

fn each<T, U>(texts: Vec<T>, check: impl FnMut(T) -> Result<U, Flaw>) -> Result<Vec<U>, Flaw> {
    texts.into_iter().map(check).collect()
}

fn chapter() -> String {
    "chapter.md".into()
}
