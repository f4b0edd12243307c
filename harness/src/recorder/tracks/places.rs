//! Which processes are followed: the largest of those that live, and in the long run the largest there ever were.

use std::collections::BTreeMap;

use crate::model::record::AT_ONCE;

/// So many are followed in turn without more ado. Each of a pool's workers may be small, and is worth a curve.
const FREELY: usize = 300;

/// So many are followed in all of a run. Once more than [`FREELY`] are, each must clearly exceed one of the largest,
/// so it takes growth by the thousand to come near.
const IN_ALL: usize = 900;

/// Once so many are followed, no more are only because they are there at the peak of all.
const AT_PEAK: usize = 600;

/// The places, by the number of the process that has each.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The most that each process with a place ever had, those that have ended included.
    highest: BTreeMap<u32, u64>,
    /// A living process, and whether it may have to go.
    living: BTreeMap<u32, May>,
}

/// Whether a process may have to leave its place to a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    /// It may.
    Go,
    /// It stays until its end: the program's first process.
    Stay,
}

/// A place that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    /// The number of its new owner.
    pub(super) n: u32,
    /// The number of who had it before.
    pub(super) instead_of: Option<u32>,
}

impl Places {
    /// Notes the most that a process with a place ever had.
    pub(super) fn note(&mut self, n: u32, highest: u64) {
        if let Some(kept) = self.highest.get_mut(&n) {
            *kept = highest.max(*kept);
        }
    }

    /// Notes that a process with a place has ended.
    pub(super) fn free(&mut self, n: u32) {
        self.living.remove(&n);
    }

    /// What a process must have had at least to get a place.
    pub(super) fn bar(&self) -> u64 {
        if self.highest.len() == IN_ALL {
            return u64::MAX;
        }
        let clearly_more = |highest: u64| highest + highest / 4 + 1;
        let at_once = if self.living.len() < AT_ONCE {
            0
        } else {
            self.least().map_or(u64::MAX, |(_, least)| clearly_more(least))
        };
        let ever = if self.highest.len() < FREELY { 0 } else { clearly_more(self.last_of_the_largest()) };
        at_once.max(ever)
    }

    /// Gives a place to a process that ever had so much, if that's enough.
    ///
    /// The number of exchanges is bounded, since each raises what the least of the largest has by a quarter.
    pub(super) fn give(&mut self, highest: u64, may: May) -> Option<Given> {
        (highest >= self.bar() || may == May::Stay).then(|| self.place(highest, may)).flatten()
    }

    /// Gives a place to a process that is among the largest when all have more than ever before. Such moments are
    /// few, except while a program grows: so the last places aren't given for it.
    pub(super) fn give_at_peak(&mut self, highest: u64) -> Option<Given> {
        (self.highest.len() < AT_PEAK).then(|| self.place(highest, May::Go)).flatten()
    }

    fn place(&mut self, highest: u64, may: May) -> Option<Given> {
        let mut instead_of = None;
        if self.living.len() == AT_ONCE {
            let (least, _) = self.least()?;
            instead_of = Some(least);
            self.living.remove(&least);
        }
        let n = u32::try_from(self.highest.len()).ok()?;
        self.highest.insert(n, highest);
        self.living.insert(n, may);
        Some(Given { n, instead_of })
    }

    /// Of those that live and may go, the one that had least; of several, the oldest.
    fn least(&self) -> Option<(u32, u64)> {
        let may_go = self.living.iter().filter(|(_, may)| **may == May::Go);
        may_go.map(|(&n, _)| (n, self.highest[&n])).min_by_key(|&(n, highest)| (highest, n))
    }

    /// The most that the least of the largest ever had.
    fn last_of_the_largest(&self) -> u64 {
        let mut all: Vec<u64> = self.highest.values().copied().collect();
        all.sort_unstable_by_key(|highest| std::cmp::Reverse(*highest));
        all.get(AT_ONCE - 1).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn processes_that_replace_one_another_at_one_size_are_followed_up_to_a_number() {
        let mut places = Places::default();
        let given = (0..10_000).filter_map(|number| {
            let given = places.give(40 * MIB + number % 7, May::Go)?;
            places.free(given.n);
            Some(given)
        });
        let given: Vec<_> = given.collect();
        assert!(given.iter().all(|given| given.instead_of.is_none()));
        assert_eq!(given.len(), FREELY);
    }

    #[test]
    fn a_clearly_larger_process_takes_the_place_of_the_least_that_lives_and_a_slightly_larger_one_none() {
        let mut places = Places::default();
        places.give(0, May::Stay);
        (1..AT_ONCE as u64).for_each(|number| assert!(places.give((10 + number) * MIB, May::Go).is_some()));
        assert_eq!(places.give(13 * MIB, May::Go), None);
        assert_eq!(places.give(14 * MIB, May::Go), Some(Given { n: 24, instead_of: Some(1) }));
        // The one that had 12 MiB has grown since, so the one with 13 MiB is the least.
        places.note(2, 99 * MIB);
        assert_eq!(places.give(17 * MIB, May::Go), Some(Given { n: 25, instead_of: Some(3) }));
        // A process that has ended leaves its place to any other.
        places.free(5);
        assert_eq!(places.give(1, May::Go), Some(Given { n: 26, instead_of: None }));
    }

    #[test]
    fn at_the_peak_of_all_even_a_small_one_gets_a_place_but_not_the_last_ones() {
        let mut places = Places::default();
        for _ in 0..FREELY {
            let given = places.give(MIB, May::Go).unwrap();
            places.free(given.n);
        }
        assert_eq!(places.give(MIB, May::Go), None);
        let given = (0..10_000).filter_map(|_| places.give_at_peak(1)).count();
        assert!(places.highest.len() == AT_PEAK && given > AT_ONCE);
        assert!(places.give(1 << 40, May::Go).is_some());
    }

    proptest! {
        #[test]
        fn whatever_comes_the_largest_ever_has_a_place_or_one_nearly_as_large(
            sizes in proptest::collection::vec(1u64..1_000_000, 1..400),
            ends in any::<bool>(),
        ) {
            let mut places = Places::default();
            for &size in &sizes {
                let given = places.give(size, May::Go);
                prop_assert!(places.living.len() <= AT_ONCE);
                given.filter(|_| ends).into_iter().for_each(|given| places.free(given.n));
            }
            let largest = sizes.iter().copied().max().unwrap();
            let kept = places.highest.values().copied().max().unwrap();
            prop_assert!(kept + kept / 4 + 1 > largest, "{kept} of {largest}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn exchanges_are_few_however_many_processes_there_are(sizes in proptest::collection::vec(1u64..100, 3000)) {
            let mut places = Places::default();
            for size in sizes {
                if let Some(given) = places.give(size * MIB, May::Go) {
                    places.free(given.n);
                }
            }
            // A hundredfold is 21 times a quarter more.
            prop_assert!(places.highest.len() <= FREELY + AT_ONCE * 21, "{}", places.highest.len());
        }
    }
}
