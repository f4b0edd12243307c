//! What is raced, and one round of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::Sizes;
use crate::memory;
use crate::side::{Racer, Side};

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

/// What our side can't be better than, and how near to it we are.
pub(crate) struct Limit {
    /// The name of its numbers.
    pub(crate) name: &'static str,
    /// The contest that is held against it, done once more right after it.
    pub(crate) contest: &'static str,
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
pub(crate) const LIMITS: [Limit; 5] = [
    Limit {
        name: "write",
        contest: "hand_over",
        says: "a large array is handed over, and one write(2) of it",
        goal: Some(1.25),
    },
    Limit {
        name: "copy",
        contest: "hand_over",
        says: "a large array is handed over, and one memcpy(3) of it",
        goal: None,
    },
    Limit {
        name: "maps",
        contest: "fixed",
        says: "`fixed`, and the same files, maps and sums with no pool",
        goal: None,
    },
    Limit { name: "threads", contest: "fixed", says: "`fixed`, and the same sums on one heap", goal: None },
    Limit {
        name: "trip",
        contest: "tiny",
        says: "10,000 tiny tasks, and as often a byte through a pipe and back",
        goal: None,
    },
];

/// What a limit's own number is called, next to that of [`OURS`].
pub(crate) const LIMIT: &str = "limit";

/// The numbers of one round: for each contest and limit, by the name of the side.
pub(crate) type Round = BTreeMap<&'static str, BTreeMap<&'static str, f64>>;

/// All who race.
pub(crate) struct Sides {
    racers: Vec<Racer>,
    sizes: Sizes,
}

impl Sides {
    pub(crate) fn new(python: &Path, folder: &Path, sizes: &Sizes) -> Self {
        let theirs = THEIRS.map(|name| Racer::theirs(name, python, folder, sizes));
        let racers = std::iter::once(Racer::ours(OURS, folder, sizes)).chain(theirs).collect();
        Sides { racers, sizes: sizes.clone() }
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
        for Limit { name, contest, .. } in LIMITS {
            let each = if name == "trip" { self.sizes["tasks"] as f64 } else { 1.0 };
            let limit = ours.ask(name)?.seconds * each;
            round.insert(name, BTreeMap::from([(LIMIT, limit), (OURS, ours.ask(contest)?.seconds)]));
        }
        sides.into_iter().try_for_each(Side::end)?;
        Ok(round)
    }

    /// The most that `fixed` takes as a program of its own, in bytes, without the array.
    fn memory(&self, racer: &Racer) -> Result<f64, Box<dyn Error>> {
        let mut side = Side::start(racer)?;
        // Not before: what is being started has the memory of who starts it, for a moment (vfork(2)).
        side.ask("start")?;
        let (peak, done) = memory::peak(side.pid(), || side.ask("fixed"));
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
