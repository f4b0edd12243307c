//! Which processes are followed: the largest by what they ever had, in a bounded number of places.

use std::collections::BTreeMap;

/// So many processes have a place at once, those that have ended included.
pub(super) const PLACES: usize = 24;

/// So many processes are followed in all of a run. Each newcomer must clearly exceed one that it replaces, so
/// it takes a run in which the largest grow a hundredfold to come near.
const IN_ALL: u32 = 500;

/// The places, by the number of who has each.
#[derive(Debug, Default)]
pub(super) struct Places {
    kept: BTreeMap<u32, u64>,
    begun: u32,
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
        if let Some(kept) = self.kept.get_mut(&n) {
            *kept = highest.max(*kept);
        }
    }

    /// What a process must have had at least to get a place.
    pub(super) fn bar(&self) -> u64 {
        match self.least() {
            _ if self.begun == IN_ALL => u64::MAX,
            Some((_, least)) if self.kept.len() == PLACES => least + least / 4 + 1,
            _ => 0,
        }
    }

    /// Gives a place to a process that ever had so much, if that's enough.
    ///
    /// The number of exchanges is bounded, since each raises what the least of the kept has by a quarter.
    pub(super) fn give(&mut self, highest: u64) -> Option<Given> {
        if highest < self.bar() {
            return None;
        }
        let instead_of = self.least().filter(|_| self.kept.len() == PLACES).map(|(n, _)| n);
        if let Some(n) = instead_of {
            self.kept.remove(&n);
        }
        let n = self.begun;
        self.begun += 1;
        self.kept.insert(n, highest);
        Some(Given { n, instead_of })
    }

    /// The place of the process that had least; of several, the oldest.
    fn least(&self) -> Option<(u32, u64)> {
        self.kept.iter().map(|(&n, &highest)| (n, highest)).min_by_key(|&(n, highest)| (highest, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn processes_that_replace_one_another_at_one_size_keep_the_first_places() {
        let mut places = Places::default();
        let given: Vec<_> = (0..200).filter_map(|number| places.give(40 * MIB + number % 7)).collect();
        assert_eq!(given.len(), PLACES);
        assert!(given.iter().all(|given| given.instead_of.is_none()));
    }

    #[test]
    fn a_clearly_larger_process_takes_the_place_of_the_least_and_a_slightly_larger_one_none() {
        let mut places = Places::default();
        (0..PLACES as u64).for_each(|number| assert!(places.give((10 + number) * MIB).is_some()));
        assert_eq!(places.give(12 * MIB), None);
        assert_eq!(places.give(13 * MIB), Some(Given { n: 24, instead_of: Some(0) }));
        // The one that had 11 MiB has grown since, so the one with 12 MiB is the least.
        places.note(1, 99 * MIB);
        assert_eq!(places.give(16 * MIB), Some(Given { n: 25, instead_of: Some(2) }));
    }

    proptest! {
        #[test]
        fn whatever_comes_the_largest_ever_has_a_place_or_one_nearly_as_large(
            sizes in proptest::collection::vec(1u64..1_000_000, 1..400),
        ) {
            let mut places = Places::default();
            for &size in &sizes {
                places.give(size);
                prop_assert!(places.kept.len() <= PLACES);
            }
            let largest = sizes.iter().copied().max().unwrap();
            let kept = places.kept.values().copied().max().unwrap();
            prop_assert!(kept + kept / 4 + 1 > largest, "{kept} of {largest}");
        }

        #[test]
        fn exchanges_are_few_however_many_processes_there_are(sizes in proptest::collection::vec(1u64..1000, 5000)) {
            let mut places = Places::default();
            let given = sizes.iter().filter(|&&size| places.give(size * MIB).is_some()).count();
            // A thousandfold is 31 times a quarter more.
            prop_assert!(given <= PLACES * 32, "{given}");
        }
    }
}
