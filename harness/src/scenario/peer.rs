//! The same experiments with the real library of another language, as scenario.toml states them.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::amount::AmountText;
use super::claim::{Against, Bound, Bounds, Claim, ClaimText, Posts, bounds, posts};
use super::figure::FigureText;
use super::flaw::{Flaw, flaw};
use super::limits::OwnLimits;
use super::measure::MeasureText;
use super::names::{Name, Names, all_different, known};
use super::scenario::Scenario;
use super::variant::{Ends, Kind, Need, Variant};

/// What a scenario's `peer/peer.py` shows, and how it stands to the programs of this workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// The scenario as the peer shows it: the variants, claims and figures are the peer's, and what
    /// only learners need is left out.
    pub scenario: Scenario,
    /// For each variant of the peer, the one of ours that it's compared with, if there is one.
    pub like: BTreeMap<String, String>,
    /// For each variant of the peer the name of its environment, if it isn't the ordinary one.
    pub(crate) environments: BTreeMap<String, String>,
    /// For each variant that needs a certain CPython and no libraries its version, such as `3.12`.
    pub(crate) pythons: BTreeMap<String, String>,
    /// For each claim why the numbers of both languages differ, if they do.
    pub(crate) why: BTreeMap<String, String>,
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

    /// The version of the CPython that a variant needs, if any with the libraries isn't as good.
    pub fn python(&self, variant: &str) -> Option<&str> {
        self.pythons.get(variant).map(String::as_str)
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
    /// Added to the memory limit of each variant that doesn't state its own: interpreters take more.
    #[serde(default)]
    memory_plus_mib: u64,
    variant: Vec<VariantText>,
    #[serde(default)]
    claim: Vec<PeerClaimText>,
    #[serde(default)]
    figure: Vec<FigureText>,
}

/// A block `[[peer.variant]]`. What it doesn't state is that of the variant that it is like.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantText {
    name: Name,
    title: String,
    like: Option<Name>,
    kind: Option<Kind>,
    environment: Option<Name>,
    /// The version of a CPython that it runs on, without libraries: `3.12`.
    python: Option<Name>,
    ends: Option<Ends>,
    needs: Option<Vec<Need>>,
    tmpfs: Option<AmountText>,
    memory: Option<AmountText>,
    seconds: Option<NonZeroU64>,
    #[serde(alias = "still_ms")]
    no_progress_ms: Option<NonZeroU64>,
}

/// A block `[[peer.claim]]`: one of ours, of which it takes over what it doesn't state, or a new one.
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
    post: Posts,
    #[serde(default)]
    bounds: Bounds,
}

impl PeerText {
    /// Checks the peer of a scenario.
    pub(super) fn check(self, ours: &Scenario) -> Result<Peer, Flaw> {
        let names = Names {
            sizes: ours.sizes["smoke"].keys().cloned().collect(),
            marks: ours.marks.clone(),
            variants: all_different("variant", self.variant.iter().map(|variant| &variant.name))?,
        };
        all_different("claim", self.claim.iter().map(|claim| &claim.id))?;
        let (mut like, mut why) = (BTreeMap::new(), BTreeMap::new());
        let (mut environments, mut pythons) = (BTreeMap::new(), BTreeMap::new());
        let mut variants = Vec::new();
        for text in self.variant {
            let name = text.name.get_ref().clone();
            let environment = text.environment.as_ref().map(|environment| environment.get_ref().clone());
            environments.extend(environment.map(|environment| (name.clone(), environment)));
            pythons.extend(text.python()?.map(|version| (name.clone(), version)));
            let model = text.like(ours)?;
            like.extend(model.map(|model| (name, model.name.clone())));
            variants.push(text.check(model, self.memory_plus_mib, ours, &names)?);
        }
        let mut claims = Vec::new();
        for text in self.claim {
            why.extend(text.why.clone().map(|why| (text.id.get_ref().clone(), why)));
            claims.push(text.check(ours, &like, &names)?);
        }
        let mut figures = Vec::new();
        for text in self.figure {
            if ours.figures.iter().any(|other| other.id == *text.id.get_ref()) {
                return flaw(text.id.span(), "the chapter has a figure of this id already");
            }
            figures.push(text.check(&variants, &claims)?);
        }
        let scenario = Scenario {
            variants,
            claims,
            figures,
            exercises: Vec::new(),
            questions: Vec::new(),
            sweeps: Vec::new(),
            costs: Vec::new(),
            ..ours.clone()
        };
        Ok(Peer { scenario, like, environments, pythons, why })
    }
}

impl VariantText {
    /// The version of CPython that it names.
    fn python(&self) -> Result<Option<String>, Flaw> {
        let Some(python) = &self.python else { return Ok(None) };
        let version = python.get_ref();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match version.split_once('.') {
            _ if self.environment.is_some() => {
                flaw(python.span(), "a variant has an 'environment' or a 'python', which has no libraries")
            }
            Some((major, minor)) if is_number(major) && is_number(minor) => Ok(Some(version.clone())),
            _ => flaw(python.span(), format!("'{version}' isn't a version of Python such as '3.12'")),
        }
    }

    /// Our variant that it's compared with: the one that it names, or its namesake.
    fn like<'a>(&self, ours: &'a Scenario) -> Result<Option<&'a Variant>, Flaw> {
        let all: Vec<String> = ours.variants.iter().map(|variant| variant.name.clone()).collect();
        let name = match &self.like {
            Some(name) => known("variant", name, &all)?,
            None => self.name.get_ref().clone(),
        };
        Ok(ours.variants.iter().find(|variant| variant.name == name))
    }

    fn check(
        self,
        like: Option<&Variant>,
        memory_plus_mib: u64,
        ours: &Scenario,
        names: &Names,
    ) -> Result<Variant, Flaw> {
        let Some(kind) = self.kind.or(like.map(|like| like.kind)) else {
            let name = self.name.get_ref();
            return flaw(self.name.span(), format!("'{name}' isn't like any of ours, so it needs a 'kind'"));
        };
        let mut limits = like.map_or(&ours.limits, |like| &like.limits).clone();
        limits.memory.plus += memory_plus_mib;
        let VariantText { name, title, tmpfs, memory, seconds, no_progress_ms, .. } = self;
        Ok(Variant {
            name: name.into_inner(),
            kind,
            title,
            ends: self.ends.or(like.map(|like| like.ends)).unwrap_or_default(),
            needs: self.needs.or(like.map(|like| like.needs.clone())).unwrap_or_default(),
            limits: OwnLimits { tmpfs, tmpfs_inodes: None, memory, seconds, no_progress_ms }
                .or(&limits, names)?,
            costs: None,
        })
    }
}

impl PeerClaimText {
    fn check(self, ours: &Scenario, like: &BTreeMap<String, String>, names: &Names) -> Result<Claim, Flaw> {
        let PeerClaimText { id, says, measure, except, post, bounds: own, .. } = self;
        let model = ours.claims.iter().find(|claim| claim.id == *id.get_ref());
        match (model, says, measure) {
            (Some(model), None, None) => {
                let except: Vec<String> =
                    except.iter().map(|name| names.variant(name)).collect::<Result<_, _>>()?;
                let place = id.span();
                let mut claim = Claim { id: id.into_inner(), ..model.clone() };
                claim.post = carried_over(&model.post, like, names, &[]);
                claim.bounds = carried_over(&model.bounds, like, names, &except);
                claim.post.extend(posts(post, names)?);
                claim.bounds.extend(bounds(own, claim.measure.quantity(), names)?);
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
                ClaimText { id, says, measure, post, bounds: own }.check(names)
            }
            (Some(_), ..) => flaw(id.span(), "this claim is one of ours, with its 'says' and its 'measure'"),
            (None, ..) => flaw(
                id.span(),
                "a claim that is none of ours has 'says', 'measure' and 'bounds', and no 'except'",
            ),
        }
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

/// Holds a bound against the peer's own variant if it is held against one of ours; or says against which.
fn translate(bound: &mut Bound, like: &BTreeMap<String, String>, names: &Names) -> Result<(), String> {
    let Against::Variant { name, .. } = &mut bound.against else { return Ok(()) };
    if names.variants.contains(name) {
        return Ok(());
    }
    let theirs = names.variants.iter().find(|theirs| like.get(*theirs) == Some(name));
    *name = theirs.ok_or(name.clone())?.clone();
    Ok(())
}
