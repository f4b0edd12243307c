//! A variant as scenario.toml states it: one way of doing the work of a scenario.

use std::num::NonZeroU64;

use serde::Deserialize;

use super::amount::{AmountText, CountText};
use super::flaw::{Flaw, flaw};
use super::limits::{Limits, OwnLimits};
use super::names::{Name, Names};

/// One way of doing the work of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name on the command line.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// What it does differently.
    pub(crate) title: String,
    /// How it is expected to end.
    pub ends: Ends,
    /// What a machine has to be able to do to show this variant, beyond the scenario's needs.
    pub needs: Vec<Need>,
    /// The limits of its sandbox: the scenario's, except for those that it states itself.
    pub limits: Limits,
    /// What it costs to do it this way, as Markdown, if the scenario compares costs.
    pub costs: Option<Costs>,
}

/// The costs of a way of doing the work, as Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// The fix, such as `cuts each slice once`.
    pub does: String,
    /// What that costs, in sentences.
    pub costs: String,
}

/// What a variant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It shows the trouble.
    Broken,
    /// It shows a fix.
    Fixed,
    /// The learner works on it.
    Exercise,
    /// It solves the exercise.
    Solution,
    /// It does the work wrongly on purpose, to show that the claims catch it.
    Mutant,
}

/// How a variant is expected to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ends {
    /// With exit code 0.
    #[default]
    #[serde(alias = "well")]
    Success,
    /// It reports ENOSPC: a tmpfs or a disk is full.
    Enospc,
    /// SIGBUS ends it: a page of a map couldn't be had.
    Sigbus,
    /// The kernel's out-of-memory killer ends it.
    Oom,
    /// It never ends.
    Hang,
    /// It reports an error of any kind.
    Failed,
}

/// Something that a machine must be able to do to show a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A folder of shared memory, private or not.
    Tmpfs,
    /// A tmpfs of exact size that no other program sees.
    PrivateTmpfs,
    /// A limit of memory that the kernel enforces.
    MemoryLimit,
    /// A file system with a disk behind it.
    Disk,
    /// Transparent huge pages for memory that asks for them.
    HugePages,
    /// The GNU C library, whose allocator has its own way of keeping freed memory.
    Glibc,
}

/// One block `[[variant]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantText {
    pub(super) name: Name,
    kind: Kind,
    title: String,
    #[serde(default)]
    ends: Ends,
    #[serde(default)]
    needs: Vec<Need>,
    tmpfs: Option<AmountText>,
    tmpfs_inodes: Option<CountText>,
    memory: Option<AmountText>,
    seconds: Option<NonZeroU64>,
    #[serde(alias = "still_ms")]
    no_progress_ms: Option<NonZeroU64>,
    does: Option<String>,
    costs: Option<String>,
}

impl VariantText {
    /// Checks a variant of a scenario that has these needs and limits, and that compares costs or doesn't.
    pub(super) fn check(
        self,
        others: &[Need],
        limits: &Limits,
        costs: Costly,
        names: &Names,
    ) -> Result<Variant, Flaw> {
        let VariantText { name, kind, title, ends, needs, .. } = self;
        if self.tmpfs_inodes.is_some() && ![others, &needs].concat().contains(&Need::PrivateTmpfs) {
            return flaw(
                name.span(),
                "only a private tmpfs has a number of inodes: add 'private-tmpfs' to 'needs'",
            );
        }
        let costs = match (self.does, self.costs, costs) {
            (Some(does), Some(costs), Costly::Compared) => Some(Costs { does, costs }),
            (None, None, Costly::Compared) if kind == Kind::Fixed => {
                return flaw(name.span(), "the scenario has [[cost]], so each fix states 'does' and 'costs'");
            }
            (None, None, _) => None,
            (_, _, Costly::Compared) => {
                return flaw(name.span(), "a variant states both of 'does' and 'costs', or neither");
            }
            (_, _, Costly::Not) => {
                return flaw(
                    name.span(),
                    "'does' and 'costs' are rows of a table: add its columns as [[cost]]",
                );
            }
        };
        let own = OwnLimits {
            tmpfs: self.tmpfs,
            tmpfs_inodes: self.tmpfs_inodes,
            memory: self.memory,
            seconds: self.seconds,
            no_progress_ms: self.no_progress_ms,
        };
        let limits = own.or(limits, names)?;
        Ok(Variant { name: name.into_inner(), kind, title, ends, needs, limits, costs })
    }
}

/// Whether a scenario compares what its variants cost.
#[derive(Clone, Copy)]
pub(super) enum Costly {
    Compared,
    Not,
}
