//! The result of the race: the numbers of all rounds, what came of them, and the table.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::num::NonZero;
use std::thread::available_parallelism;

use procfs::{Current, Meminfo};
use serde::Serialize;

use crate::Sizes;
use crate::contest::{CONTESTS, Contest, LIMIT, LIMITS, Limit, OURS, Round, THEIRS, Unit};
use crate::spread::Spread;

/// All rounds, and where and with what they were run.
#[derive(Serialize)]
pub(crate) struct Race {
    machine: BTreeMap<&'static str, String>,
    versions: BTreeMap<String, String>,
    sizes: Sizes,
    rounds: Vec<Round>,
}

/// What is kept of a race: its rows, and all numbers that they come from.
#[derive(Serialize)]
struct Kept<'a> {
    contests: Vec<Row>,
    limits: Vec<Row>,
    #[serde(flatten)]
    race: &'a Race,
}

/// One line of the table.
#[derive(Serialize)]
struct Row {
    says: &'static str,
    unit: Unit,
    ours: Spread,
    /// Each back end of joblib, or the limit.
    others: Vec<Spread>,
    /// In each round by itself. Against joblib: how many times ours its better back end takes. Against
    /// a limit: how many times the limit ours takes.
    ratio: Spread,
    goal: Option<f64>,
}

/// The width of a column of numbers.
const WIDTH: usize = 28;

impl Race {
    pub(crate) fn new(sizes: Sizes, versions: BTreeMap<String, String>) -> Self {
        Race { machine: machine(), versions, sizes, rounds: Vec::new() }
    }

    pub(crate) fn add(&mut self, round: Round) {
        self.rounds.push(round);
    }

    /// The result as it is kept.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let (contests, limits) = (self.contests(), self.limits());
        serde_json::to_string_pretty(&Kept { contests, limits, race: self })
    }

    fn contests(&self) -> Vec<Row> {
        let row = |contest: &Contest| {
            let ours = |round: &Round| round[contest.name][OURS];
            let theirs = |name: &'static str| move |round: &Round| round[contest.name][name];
            let better =
                |round: &Round| THEIRS.map(|name| theirs(name)(round)).into_iter().fold(f64::MAX, f64::min);
            Row {
                says: contest.says,
                unit: contest.unit,
                ours: self.spread(ours),
                others: THEIRS.map(|name| self.spread(theirs(name))).to_vec(),
                ratio: self.spread(|round| better(round) / ours(round)),
                goal: contest.goal,
            }
        };
        CONTESTS.iter().map(row).collect()
    }

    fn limits(&self) -> Vec<Row> {
        let row = |against: &Limit| {
            let ours = |round: &Round| round[against.name][OURS];
            let limit = |round: &Round| round[against.name][LIMIT];
            Row {
                says: against.says,
                unit: Unit::Seconds,
                ours: self.spread(ours),
                others: vec![self.spread(limit)],
                ratio: self.spread(|round| ours(round) / limit(round)),
                goal: against.goal,
            }
        };
        LIMITS.iter().map(row).collect()
    }

    fn spread(&self, number: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(number))
    }
}

impl Display for Race {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.sizes.iter().map(|(name, size)| format!("{name}={size}")).collect();
        let versions: Vec<String> =
            self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let machine: Vec<&str> = self.machine.values().map(String::as_str).collect();
        writeln!(
            formatter,
            "{} rounds on {}; {}",
            self.rounds.len(),
            machine.join(", "),
            versions.join(", ")
        )?;
        writeln!(formatter, "{}\n", sizes.join(" "))?;
        writeln!(
            formatter,
            "{:64}{:>WIDTH$}{:>WIDTH$}{:>WIDTH$}  theirs : ours",
            "", OURS, THEIRS[0], THEIRS[1]
        )?;
        self.contests().iter().try_for_each(|row| writeln!(formatter, "{row}"))?;
        writeln!(formatter, "\n{:64}{:>WIDTH$}{:>WIDTH$}{:WIDTH$}  ours : limit", "", OURS, LIMIT, "")?;
        self.limits().iter().try_for_each(|row| writeln!(formatter, "{row}"))
    }
}

impl Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:64}", self.says)?;
        for spread in std::iter::once(&self.ours).chain(&self.others) {
            write!(formatter, "{:>WIDTH$}", shown(*spread, self.unit))?;
        }
        let wide = WIDTH * THEIRS.len().saturating_sub(self.others.len());
        write!(formatter, "{:wide$}  {}", "", self.ratio.shown(2, ""))?;
        match self.goal {
            Some(goal) => write!(formatter, ", goal {goal}"),
            None => Ok(()),
        }
    }
}

/// The numbers of a side in the unit of the table.
fn shown(spread: Spread, unit: Unit) -> String {
    let (factor, word) = match unit {
        Unit::Seconds => (1e3, "ms"),
        Unit::Bytes => (1.0 / f64::from(1 << 20), "MiB"),
    };
    (spread * factor).shown(1, word)
}

/// What distinguishes one machine from another, without naming its owner.
fn machine() -> BTreeMap<&'static str, String> {
    let uname = nix::sys::utsname::uname().ok();
    let kernel = uname.map(|name| format!("{} {}", name.sysname().display(), name.release().display()));
    let memory = Meminfo::current().map_or(0, |info| info.mem_total >> 20);
    let processors = available_parallelism().map_or(1, NonZero::get);
    BTreeMap::from([
        ("arch", std::env::consts::ARCH.to_owned()),
        ("kernel", kernel.unwrap_or_default()),
        ("memory_mib", memory.to_string()),
        ("processors", processors.to_string()),
    ])
}
