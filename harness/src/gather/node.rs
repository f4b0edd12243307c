//! The ranks of one node together: they share its memory, and often a control group with a limit.

use std::collections::BTreeMap;

use super::{Job, Rank};

/// A node of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its name.
    pub(crate) name: String,
    /// How many ranks were on it.
    pub(crate) ranks: usize,
    /// The most that they had together: the sum of what each had at most in one part of the time.
    pub(crate) sum: Option<u64>,
    /// What they may have together.
    pub(crate) limit: Option<Limit>,
    /// The most that was charged to the groups with the limit, others included; `None` if there is none.
    pub(crate) charged: Option<u64>,
}

/// What bounds the memory of a node's ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Control groups around them: the sum of their limits, in bytes.
    Groups(u64),
    /// The memory of the machine, in bytes.
    Machine(u64),
}

impl Limit {
    /// In bytes.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Limit::Groups(bytes) | Limit::Machine(bytes) => bytes,
        }
    }
}

/// So many parts of the time are summed.
const PARTS: usize = 1 << 9;

pub(super) fn nodes(job: &Job) -> Vec<Node> {
    let mut by_name: BTreeMap<&str, Vec<&Rank>> = BTreeMap::new();
    for rank in &job.ranks {
        by_name.entry(rank.node()).or_default().push(rank);
    }
    by_name.into_iter().map(|(name, ranks)| node(name, &ranks, job.span)).collect()
}

fn node(name: &str, ranks: &[&Rank], span: u64) -> Node {
    let mut sums = vec![None; PARTS];
    for rank in ranks {
        for (sum, cell) in sums.iter_mut().zip(rank.cells(span, PARTS)) {
            *sum = match (*sum, cell) {
                (Some(sum), Some(cell)) => Some(u64::saturating_add(sum, cell)),
                (sum, cell) => sum.or(cell),
            };
        }
    }
    // Ranks that share a group share its limit.
    let mut groups: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (group, most) in ranks.iter().filter_map(|rank| rank.group.as_ref()) {
        let known = groups.entry(&group.path).or_insert((group.limit, 0));
        known.1 = known.1.max(*most);
    }
    let machine = ranks.iter().find_map(|rank| rank.machine);
    let total = |pick: fn(&(u64, u64)) -> u64| groups.values().map(pick).fold(0, u64::saturating_add);
    let limit = match groups.is_empty() {
        true => machine.map(Limit::Machine),
        false => Some(Limit::Groups(total(|group| group.0))),
    };
    Node {
        name: name.to_owned(),
        ranks: ranks.len(),
        sum: sums.into_iter().flatten().max(),
        limit,
        charged: (!groups.is_empty()).then(|| total(|group| group.1)).filter(|&most| most > 0),
    }
}
