//! Sums of what the kernel counts for each process, over those that live and those that have ended.
//!
//! The kernel hands a process's counts on to the one that waits for it (wait4(2)), and they're read there from then
//! on. If nobody in the run waits for it, as with an orphan, they'd be missing, so they're remembered here.

use std::collections::BTreeMap;

/// Sums of some counts.
pub(super) struct Totals<const N: usize> {
    last: BTreeMap<i32, Counted<N>>,
    /// What nobody has waited for.
    remembered: [u64; N],
}

/// The counts of one process by now, with those handed on to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<const N: usize> {
    pub(super) parent: i32,
    /// When it was started: this and its number are no other process's.
    pub(super) started: u64,
    pub(super) counts: [u64; N],
}

impl<const N: usize> Totals<N> {
    pub(super) fn new() -> Self {
        Totals { last: BTreeMap::new(), remembered: [0; N] }
    }

    /// The processes that were there the last time. Those that have ended may still wait to be waited for.
    pub(super) fn pids(&self) -> impl Iterator<Item = i32> {
        self.last.keys().copied()
    }

    /// Takes in what every process has counted by now, and returns the sums. They never fall.
    ///
    /// A process that has inherited counts grows by at least as much. What it does itself meanwhile can't be
    /// distinguished from that, so of a process that nobody has waited for some may be missing, and nothing is ever
    /// counted twice.
    pub(super) fn take(&mut self, mut now: BTreeMap<i32, Counted<N>>) -> [u64; N] {
        for (pid, process) in &mut now {
            // What can't be read any more, as of a process that has got other rights, is as it was.
            if let Some(last) = self.last.get(pid).filter(|last| last.started == process.started) {
                process.counts = std::array::from_fn(|at| process.counts[at].max(last.counts[at]));
            }
        }
        let is_there = |pid: i32, started: u64| now.get(&pid).is_some_and(|now| now.started == started);
        let mut inherited: BTreeMap<Option<i32>, [u64; N]> = BTreeMap::new();
        for (_, gone) in self.last.iter().filter(|(pid, last)| !is_there(**pid, last.started)) {
            add(inherited.entry(self.heir(gone, is_there)).or_insert([0; N]), gone.counts);
        }
        for (heir, counts) in inherited {
            let grown = heir.and_then(|heir| Some((self.last.get(&heir)?, now.get(&heir)?)));
            for (at, remembered) in self.remembered.iter_mut().enumerate() {
                let grown = grown.map_or(0, |(last, now)| now.counts[at].saturating_sub(last.counts[at]));
                *remembered += counts[at].saturating_sub(grown);
            }
        }
        let mut sums = self.remembered;
        now.values().for_each(|process| add(&mut sums, process.counts));
        self.last = now;
        sums
    }

    /// The next of its ancestors that is still there.
    fn heir(&self, gone: &Counted<N>, is_there: impl Fn(i32, u64) -> bool) -> Option<i32> {
        let mut parent = gone.parent;
        // Numbers that are used again could make a circle.
        for _ in 0..self.last.len() {
            let last = self.last.get(&parent)?;
            if is_there(parent, last.started) {
                return Some(parent);
            }
            parent = last.parent;
        }
        None
    }
}

fn add<const N: usize>(sums: &mut [u64; N], values: [u64; N]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now<const M: usize>(processes: [(i32, i32, u64); M]) -> BTreeMap<i32, Counted<1>> {
        let counted = |(pid, parent, count)| {
            (pid, Counted { parent, started: u64::from(i32::unsigned_abs(pid)), counts: [count] })
        };
        processes.map(counted).into()
    }

    #[test]
    fn what_a_child_has_counted_stays_whoever_waits_for_it() {
        let mut totals = Totals::new();
        assert_eq!(totals.take(now([(1, 0, 10), (2, 1, 5), (3, 2, 7)])), [22]);
        // The first has waited for the second, and inherits its counts; the third was handed to a stranger.
        assert_eq!(totals.take(now([(1, 0, 15), (3, 9, 7)])), [22]);
        assert_eq!(totals.take(now([(1, 0, 15)])), [22]);
        // The first has done something itself.
        assert_eq!(totals.take(now([(1, 0, 18)])), [25]);
    }

    #[test]
    fn of_a_child_that_nobody_waits_for_no_more_is_missing_than_its_parent_has_done() {
        let mut totals = Totals::new();
        totals.take(now([(1, 0, 10), (2, 1, 100)]));
        assert_eq!(totals.take(now([(1, 0, 13)])), [110]);
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let mut totals = Totals::new();
        totals.take(now([(1, 0, 0), (2, 0, 100)]));
        let mut again = now([(1, 0, 0), (2, 0, 3)]);
        again.get_mut(&2).unwrap().started = 99;
        assert_eq!(totals.take(again), [103]);
    }

    proptest! {
        #[test]
        fn no_sum_ever_falls(
            rounds in prop::collection::vec(prop::collection::btree_map(0..6_i32, (0..6_i32, 0..3_u64, 0..100_u64), 0..6), 0..8)
        ) {
            let (mut totals, mut sum) = (Totals::new(), 0);
            for round in rounds {
                let counted = |(pid, (parent, started, count))| (pid, Counted { parent, started, counts: [count] });
                let [next] = totals.take(round.into_iter().map(counted).collect());
                prop_assert!(next >= sum);
                sum = next;
            }
        }
    }
}
