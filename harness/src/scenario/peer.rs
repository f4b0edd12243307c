//! The same experiments with the real library of another language, as scenario.toml states them.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::claim::{Against, Bound, Claim};
use super::figure::{FigureText, drawing};
use super::names::{Flaw, Names, all_different, flaw, known};
use super::scenario::{Ends, Kind, Limits, Need, Scenario, Variant};
use super::text::{AmountText, BoundText, ClaimText, MeasureText, Name};

/// What a scenario's `peer/peer.py` shows, and how it stands to the programs of this workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// The scenario as the peer shows it: the variants, claims and figures are the peer's, and what
    /// only learners need is left out.
    pub scenario: Scenario,
    /// For each variant of the peer the one of ours that it stands beside, if there is one.
    pub like: BTreeMap<String, String>,
    /// For each variant of the peer the name of its environment, where it is not the ordinary one.
    pub environments: BTreeMap<String, String>,
    /// For each claim why the numbers of both languages differ, where they do.
    pub why: BTreeMap<String, String>,
}

impl Peer {
    /// Where the packages are pinned that a variant needs.
    pub fn requirements(&self, variant: &str) -> PathBuf {
        let folder = self.scenario.folder.join(PEER);
        match self.environments.get(variant) {
            Some(name) => folder.join(format!("requirements-{name}.txt")),
            None => folder.join("requirements.txt"),
        }
    }

    /// The program of all variants.
    pub fn script(&self) -> PathBuf {
        self.scenario.folder.join(PEER).join("peer.py")
    }
}

/// The folder of the peer in that of its scenario.
const PEER: &str = "peer";

/// The table `[peer]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeerText {
    /// Added to the memory limit of each variant that does not state its own: interpreters take more.
    #[serde(default)]
    memory_plus_mib: u64,
    variant: Vec<VariantText>,
    #[serde(default)]
    claim: Vec<PeerClaimText>,
    #[serde(default)]
    figure: Vec<FigureText>,
}

/// A block `[[peer.variant]]`. What it does not state is that of the variant that it is like.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantText {
    name: Name,
    title: String,
    like: Option<Name>,
    kind: Option<Kind>,
    environment: Option<Name>,
    ends: Option<Ends>,
    needs: Option<Vec<Need>>,
    tmpfs: Option<AmountText>,
    memory: Option<AmountText>,
    seconds: Option<NonZeroU64>,
    still_ms: Option<NonZeroU64>,
}

/// A block `[[peer.claim]]`: one of ours, of which it takes over what it does not state, or a new one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerClaimText {
    id: Name,
    says: Option<String>,
    measure: Option<Spanned<MeasureText>>,
    why: Option<String>,
    #[serde(default)]
    except: Vec<Name>,
    #[serde(default)]
    post: BTreeMap<Name, String>,
    #[serde(default)]
    bounds: BTreeMap<Name, Spanned<BoundText>>,
}

/// Checks the peer of a scenario whose other parts are read.
pub(super) fn peer(text: PeerText, ours: &Scenario) -> Result<Peer, Flaw> {
    let names = Names {
        sizes: ours.sizes["smoke"].keys().cloned().collect(),
        marks: ours.marks.clone(),
        variants: all_different("variant", text.variant.iter().map(|variant| &variant.name))?,
    };
    all_different("claim", text.claim.iter().map(|claim| &claim.id))?;
    let mut peer = Peer {
        scenario: Scenario {
            variants: Vec::new(),
            claims: Vec::new(),
            exercises: Vec::new(),
            figures: Vec::new(),
            questions: Vec::new(),
            sweeps: Vec::new(),
            ..ours.clone()
        },
        like: BTreeMap::new(),
        environments: BTreeMap::new(),
        why: BTreeMap::new(),
    };
    for variant in text.variant {
        let name = variant.name.get_ref().clone();
        if let Some(environment) = &variant.environment {
            peer.environments.insert(name.clone(), environment.get_ref().clone());
        }
        let like = like(&variant, ours)?;
        peer.like.extend(like.map(|like| (name, like.name.clone())));
        peer.scenario.variants.push(variant_of(variant, like, text.memory_plus_mib, ours, &names)?);
    }
    for claim in text.claim {
        let id = claim.id.get_ref().clone();
        peer.why.extend(claim.why.clone().map(|why| (id, why)));
        let claim = claim_of(claim, ours, &peer.like, &names)?;
        peer.scenario.claims.push(claim);
    }
    for figure in text.figure {
        if ours.figures.iter().any(|other| other.id == *figure.id.get_ref()) {
            return flaw(figure.id.span(), "the chapter has a figure of this id already");
        }
        peer.scenario.figures.push(drawing(figure, &peer.scenario)?);
    }
    Ok(peer)
}

/// The variant of ours that one of the peer stands beside: the one that it names, or its namesake.
fn like<'a>(text: &VariantText, ours: &'a Scenario) -> Result<Option<&'a Variant>, Flaw> {
    let all: Vec<String> = ours.variants.iter().map(|variant| variant.name.clone()).collect();
    let name = match &text.like {
        Some(name) => known("variant", name, &all)?,
        None => text.name.get_ref().clone(),
    };
    Ok(ours.variants.iter().find(|variant| variant.name == name))
}

fn variant_of(
    text: VariantText,
    like: Option<&Variant>,
    memory_plus_mib: u64,
    ours: &Scenario,
    names: &Names,
) -> Result<Variant, Flaw> {
    let Some(kind) = text.kind.or(like.map(|like| like.kind)) else {
        let name = text.name.get_ref();
        return flaw(text.name.span(), format!("'{name}' is like none of ours, so it needs a 'kind'"));
    };
    let theirs = like.map_or(&ours.limits, |like| &like.limits);
    let mut limits = Limits {
        seconds: text.seconds.map_or(theirs.seconds, NonZeroU64::get),
        still_ms: text.still_ms.map(NonZeroU64::get).or(theirs.still_ms),
        ..theirs.clone()
    };
    limits.memory.plus_mib += memory_plus_mib;
    if let Some(tmpfs) = &text.tmpfs {
        limits.tmpfs = names.limit(tmpfs)?;
    }
    if let Some(memory) = &text.memory {
        limits.memory = names.limit(memory)?;
    }
    Ok(Variant {
        name: text.name.into_inner(),
        kind,
        title: text.title,
        ends: text.ends.or(like.map(|like| like.ends)).unwrap_or_default(),
        needs: text.needs.or(like.map(|like| like.needs.clone())).unwrap_or_default(),
        limits,
    })
}

fn claim_of(
    text: PeerClaimText,
    ours: &Scenario,
    like: &BTreeMap<String, String>,
    names: &Names,
) -> Result<Claim, Flaw> {
    let PeerClaimText { id, says, measure, except, post, bounds, .. } = text;
    let model = ours.claims.iter().find(|claim| claim.id == *id.get_ref());
    match (model, says, measure) {
        (Some(model), None, None) => {
            let except = except.iter().map(|name| known("variant", name, &names.variants));
            let except = except.collect::<Result<Vec<_>, _>>()?;
            let place = id.span();
            let mut claim = Claim { id: id.into_inner(), ..model.clone() };
            claim.post = carried_over(&model.post, like, names, &[]);
            claim.bounds = carried_over(&model.bounds, like, names, &except);
            claim.post.extend(names.posts(post)?);
            claim.bounds.extend(names.bounds(bounds, claim.measure.quantity())?);
            for (name, bound) in &mut claim.bounds {
                translate(bound, like, names).or_else(|of| {
                    let claim = &claim.id;
                    let what = format!("'{claim}' holds '{name}' against '{of}', and the peer has none");
                    flaw(place.clone(), what)
                })?;
            }
            Ok(claim)
        }
        (None, Some(says), Some(measure)) if except.is_empty() => {
            names.claim(ClaimText { id, says, measure, post, bounds })
        }
        (Some(_), ..) => flaw(id.span(), "this claim is one of ours, with its 'says' and its 'measure'"),
        (None, ..) => flaw(
            id.span(),
            "a claim that is none of ours has 'says', 'measure' and 'bounds', and no 'except'",
        ),
    }
}

/// What ours has for its variants, for those of the peer that are like them.
fn carried_over<T: Clone>(
    ours: &BTreeMap<String, T>,
    like: &BTreeMap<String, String>,
    names: &Names,
    except: &[String],
) -> BTreeMap<String, T> {
    let theirs = names.variants.iter().filter(|name| !except.contains(name));
    theirs.filter_map(|name| Some((name.clone(), ours.get(like.get(name)?)?.clone()))).collect()
}

/// Holds a bound against the peer's own variant where it is held against one of ours; or says against which.
fn translate(bound: &mut Bound, like: &BTreeMap<String, String>, names: &Names) -> Result<(), String> {
    let Against::Variant { name, .. } = &mut bound.against else { return Ok(()) };
    if names.variants.contains(name) {
        return Ok(());
    }
    let theirs = names.variants.iter().find(|theirs| like.get(*theirs) == Some(name));
    *name = theirs.ok_or(name.clone())?.clone();
    Ok(())
}
