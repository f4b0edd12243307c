//! How often each claim held, run after run, as `lab soak` has written it.

use std::fmt;

/// What soak.txt says.
#[derive(Debug, Default)]
pub(crate) struct Soak {
    /// The size and the machine, from its first line.
    pub(crate) place: String,
    /// One for each claim on each variant that could be seen at least once.
    pub(crate) rates: Vec<Rate>,
}

/// How often a claim held, of how many runs in which that could be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    holds: u64,
    seen: u64,
}

impl Soak {
    pub(crate) fn parse(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let place = first.split_once(" runs ").map_or(first, |(_, place)| place);
        let words = text.split(|char: char| char == ',' || char.is_whitespace());
        Soak { place: place.to_owned(), rates: words.filter_map(Rate::parse).collect() }
    }

    /// The rate of the claim that held least often.
    pub(crate) fn worst(&self) -> Option<Rate> {
        self.rates.iter().copied().min_by_key(|rate| 1000 * rate.holds / rate.seen)
    }
}

impl Rate {
    fn parse(word: &str) -> Option<Self> {
        let (holds, seen) = word.split_once('/')?;
        Some(Rate { holds: holds.parse().ok()?, seen: seen.parse().ok().filter(|seen| *seen > 0)? })
    }

    /// Whether the claim held each time.
    pub(crate) fn is_whole(self) -> bool {
        self.holds == self.seen
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.holds, self.seen)
    }
}
