//! What is raced, and one round of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::Sizes;
use crate::memory;
use crate::side::{Racer, Side, versions};

/// Our pool, in tables.
pub(crate) const OURS: &str = "labpool";

/// The back ends of joblib that use processes.
pub(crate) const THEIRS: [&str; 2] = ["multiprocessing", "loky"];

/// Work that all sides do.
pub(crate) struct Contest {
    /// The name of its numbers.
    pub(crate) name: &'static str,
    /// What is measured, in the unit: a side is better the less it takes.
    pub(crate) says: &'static str,
    pub(crate) unit: Unit,
    /// How many times theirs must be ours, at least.
    pub(crate) goal: Option<f64>,
}

/// What our side can not be better than, and how near to it we are.
pub(crate) struct Limit {
    /// The contest whose numbers are held against it.
    pub(crate) name: &'static str,
    /// The name of the limit's own numbers.
    pub(crate) limit: &'static str,
    pub(crate) says: &'static str,
    /// How many times the limit we may take, at most.
    pub(crate) goal: Option<f64>,
}

/// What numbers are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    Seconds,
    Bytes,
}

/// In the order of the table.
pub(crate) const CONTESTS: [Contest; 6] = [
    Contest { name: "program", says: "`fixed`, the whole program", unit: Unit::Seconds, goal: Some(10.0) },
    Contest { name: "fixed", says: "`fixed`, in a pool that is warm", unit: Unit::Seconds, goal: Some(10.0) },
    Contest { name: "tiny", says: "10,000 tiny tasks", unit: Unit::Seconds, goal: Some(10.0) },
    Contest { name: "start", says: "start of the workers", unit: Unit::Seconds, goal: None },
    Contest { name: "hand_over", says: "a large array is handed over", unit: Unit::Seconds, goal: None },
    Contest { name: "memory", says: "peak memory, less the array", unit: Unit::Bytes, goal: Some(10.0) },
];

/// In the order of the table.
pub(crate) const LIMITS: [Limit; 4] = [
    Limit { name: "hand_over", limit: "write", says: "one write(2) of the same array", goal: Some(1.25) },
    Limit { name: "hand_over", limit: "copy", says: "one memcpy(3) of the same array", goal: None },
    Limit { name: "fixed", limit: "threads", says: "the same sums in threads, with no pool", goal: None },
    Limit { name: "tiny", limit: "trip", says: "a byte through a pipe and back, for each task", goal: None },
];

/// The numbers of one round: for each contest and limit, by the name of the side.
pub(crate) type Round = BTreeMap<&'static str, BTreeMap<&'static str, f64>>;

/// All who race.
pub(crate) struct Sides {
    racers: Vec<Racer>,
    sizes: Sizes,
    pub(crate) versions: Vec<(String, String)>,
}

impl Sides {
    pub(crate) fn new(python: &Path, folder: &Path, sizes: &Sizes) -> Result<Self, Box<dyn Error>> {
        let theirs = THEIRS.map(|name| Racer::theirs(name, python, folder, sizes));
        let racers = std::iter::once(Racer::ours(OURS, folder, sizes)).chain(theirs).collect();
        Ok(Sides { racers, sizes: sizes.clone(), versions: versions(python)? })
    }

    /// All contests once, the sides in another order each time.
    pub(crate) fn round(&self, number: usize) -> Result<Round, Box<dyn Error>> {
        let mut round = Round::new();
        let begin = number % self.racers.len();
        let order = || self.racers[begin..].iter().chain(&self.racers[..begin]);
        for racer in order() {
            round.entry("program").or_default().insert(racer.name, program(racer)?);
            round.entry("memory").or_default().insert(racer.name, self.memory(racer)?);
        }
        let mut sides = order().map(Side::start).collect::<Result<Vec<_>, _>>()?;
        round.insert("start", all(&mut sides, "start")?);
        for warm in ["tiny", "fixed"] {
            all(&mut sides, warm)?;
            round.insert(warm, all(&mut sides, warm)?);
        }
        round.insert("hand_over", all(&mut sides, "hand_over")?);
        let ours = sides.iter_mut().find(|side| side.name == OURS).expect("we race too");
        for Limit { limit, .. } in LIMITS {
            let each = if limit == "trip" { self.sizes["tasks"] as f64 } else { 1.0 };
            round.insert(limit, BTreeMap::from([(OURS, ours.ask(limit)?.seconds * each)]));
        }
        sides.into_iter().try_for_each(Side::end)?;
        Ok(round)
    }

    /// The most that `fixed` takes as a program of its own, in bytes, without the array.
    fn memory(&self, racer: &Racer) -> Result<f64, Box<dyn Error>> {
        let mut side = Side::start(racer)?;
        let (peak, done) = memory::peak(side.pid(), || side.ask("start").and_then(|_| side.ask("fixed")));
        done?;
        side.end()?;
        Ok(peak as f64 - (self.sizes["array_mib"] << 20) as f64)
    }
}

/// The time from the start of a program to its end, in seconds.
fn program(racer: &Racer) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    let mut side = Side::start(racer)?;
    side.ask("start")?;
    side.ask("fixed")?;
    side.end()?;
    Ok(begin.elapsed().as_secs_f64())
}

/// Has all sides do the same work, one after the other, and compares what came out.
fn all(sides: &mut [Side], word: &str) -> Result<BTreeMap<&'static str, f64>, Box<dyn Error>> {
    let mut seconds = BTreeMap::new();
    let mut checksums = Vec::new();
    for side in sides {
        let answer = side.ask(word)?;
        seconds.insert(side.name, answer.seconds);
        checksums.push(answer.checksum);
    }
    match checksums.iter().all(|checksum| *checksum == checksums[0]) {
        true => Ok(seconds),
        false => Err(format!("the sides did not do the same work '{word}': {checksums:?}").into()),
    }
}
