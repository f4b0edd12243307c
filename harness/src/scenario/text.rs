//! scenario.toml as it is written.
//!
//! What can be wrong about a name is checked later, in `check.rs`, so names keep their place.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

use serde::Deserialize;
use toml::Spanned;

use super::exercise::HINTS;
use super::figure::FigureText;
use super::peer::PeerText;
use super::predict::PredictText;
use super::scenario::{Ends, Kind, Minutes, Need};
use super::sweep::SweepText;

/// A name, with its place in the file.
pub(super) type Name = Spanned<String>;

/// A table of sizes.
pub(super) type Sizes = BTreeMap<String, NonZeroU64>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) number: Spanned<NonZeroU32>,
    pub(super) title: String,
    pub(super) lesson: String,
    #[serde(default = "chapter")]
    pub(super) chapter: String,
    pub(super) minutes: Minutes,
    #[serde(default)]
    pub(super) needs: Vec<Need>,
    pub(super) marks: Vec<Name>,
    pub(super) curve: Name,
    #[serde(default)]
    pub(super) scale: Vec<Name>,
    pub(super) sizes: SizesText,
    pub(super) limits: LimitsText,
    #[serde(default)]
    pub(super) rule: Vec<RuleText>,
    pub(super) variant: Vec<VariantText>,
    #[serde(default)]
    pub(super) claim: Vec<ClaimText>,
    #[serde(default)]
    pub(super) exercise: Vec<ExerciseText>,
    #[serde(default)]
    pub(super) figure: Vec<FigureText>,
    #[serde(default)]
    pub(super) predict: Vec<PredictText>,
    #[serde(default)]
    pub(super) sweep: Vec<SweepText>,
    pub(super) peer: Option<PeerText>,
}

/// A file of figures that belong to no chapter of a scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FiguresText {
    #[serde(default)]
    pub(super) figure: Vec<FigureText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizesText {
    /// The one table that must be there: a scenario that is run by hand uses it.
    pub(super) smoke: Spanned<Sizes>,
    pub(super) lab: Option<Spanned<Sizes>>,
    pub(super) post: Option<Spanned<Sizes>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsText {
    pub(super) tmpfs: AmountText,
    pub(super) memory: AmountText,
    #[serde(default = "deadline")]
    pub(super) seconds: NonZeroU64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AmountText {
    pub(super) factor: Spanned<f64>,
    #[serde(default)]
    pub(super) times: Vec<Name>,
    #[serde(default)]
    pub(super) plus_mib: u64,
}

/// One of the relations; which one is told by the key that is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) says: Name,
    pub(super) amount: AmountText,
    pub(super) more_than: Option<AmountText>,
    pub(super) at_least: Option<AmountText>,
    pub(super) multiple_of: Option<AmountText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantText {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) title: String,
    #[serde(default)]
    pub(super) ends: Ends,
    #[serde(default)]
    pub(super) needs: Vec<Need>,
    pub(super) tmpfs: Option<AmountText>,
    pub(super) memory: Option<AmountText>,
    pub(super) seconds: Option<NonZeroU64>,
    pub(super) still_ms: Option<NonZeroU64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimText {
    pub(super) id: Name,
    pub(super) says: String,
    pub(super) measure: Spanned<MeasureText>,
    #[serde(default)]
    pub(super) post: BTreeMap<Name, String>,
    pub(super) bounds: BTreeMap<Name, Spanned<BoundText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExerciseText {
    pub(super) name: Name,
    pub(super) solution: Option<Name>,
    pub(super) diagnosis: Option<DiagnosisText>,
    pub(super) asks: String,
    pub(super) minutes: NonZeroU32,
    pub(super) hints: [String; HINTS],
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiagnosisText {
    pub(super) answer: Name,
    pub(super) choices: BTreeMap<String, String>,
    pub(super) shows: Vec<Name>,
}

/// One of the measures; which one is told by the keys that are there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasureText {
    pub(super) fact: Option<String>,
    pub(super) peak: Option<Name>,
    pub(super) least: Option<Name>,
    pub(super) at: Option<Name>,
    pub(super) mark: Option<Name>,
    pub(super) change: Option<Name>,
    pub(super) gain: Option<Name>,
    pub(super) line: Option<Name>,
    pub(super) from: Option<Name>,
    pub(super) to: Option<Name>,
    pub(super) seconds: Option<Name>,
    pub(super) over: Option<Name>,
}

/// One of the bounds; which one is told by the keys that are there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundText {
    pub(super) at_least: Option<f64>,
    pub(super) at_most: Option<f64>,
    pub(super) exactly: Option<f64>,
    pub(super) about: Option<f64>,
    pub(super) within: Option<f64>,
    #[serde(default)]
    pub(super) times: Vec<Name>,
    pub(super) of: Option<Name>,
}

impl MeasureText {
    /// How many keys are there.
    pub(super) fn keys(&self) -> usize {
        let MeasureText { fact, peak, least, at, mark, change, gain, line, from, to, seconds, over } = self;
        let names = [peak, least, at, mark, change, gain, line, from, to, seconds, over];
        usize::from(fact.is_some()) + names.into_iter().filter(|name| name.is_some()).count()
    }
}

fn chapter() -> String {
    "chapter.md".into()
}

fn deadline() -> NonZeroU64 {
    NonZeroU64::new(120).expect("120 is not zero")
}
