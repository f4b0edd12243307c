//! The race: this pool against joblib, on the same work, in one run: `cargo bench -p labpool --bench race`.
//!
//! Both sides are programs of their own, and this one is the judge. It calls them by turns, and in
//! another order in each round, so that a slow moment of the machine falls on all. Before anything is
//! timed, a side does the same work once, so that all of it is warm; the start of the workers and the
//! whole program are the exceptions. The checksums of the sides must be equal. The first round counts
//! for nothing: a virtual machine may get its memory only when it is asked for (free page reporting).
//!
//! What is compared, and against what limits, are the tables in `contest.rs`. A ratio is taken in each
//! round by itself; the result has the median of the rounds, the lowest and the highest.
//!
//! ```text
//! cargo bench -p labpool --bench race -- [--rounds N] [--mib N] [--reference]
//! ```
//!
//! - `--mib`: the array that is handed over. It takes twice as much, for the array and its file.
//! - `--reference`: keeps the result in `results/race.json`, from which the book has its table.
//!
//! Python and joblib come from the environment that `lab peer slice-dup` makes and uses.

mod contest;
mod memory;
mod ours;
mod result;
mod side;
#[path = "../../../benches/spread.rs"]
mod spread;
#[path = "../work/mod.rs"]
mod work;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lab::peer::make;
use lab::scenario::Catalog;
use lab::store::Store;
use labpool::{Options, Pool};
use nix::sys::statvfs::statvfs;
use procfs::{Current, Meminfo};

use crate::contest::Sides;
use crate::result::Race;

/// How large the work is: the names and numbers that both sides get.
pub(crate) type Sizes = BTreeMap<String, u64>;

/// The number of the scenario whose work at size `lab` is the work of the race.
const SCENARIO: &str = "1";

/// How many tasks that do nothing there are.
const TASKS: u64 = 10_000;

/// The largest array that is handed over, in MiB.
const LARGE: u64 = 1024;

/// The fewest rounds: below that, a lowest and a highest say nothing.
const ROUNDS: usize = 5;

/// What the command line asks for.
struct Args {
    rounds: usize,
    large_mib: Option<u64>,
    reference: Option<PathBuf>,
}

fn main() -> ExitCode {
    labpool::serve(ours::TASKS);
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == side::OURS).is_some() {
        let folder = words.next().expect("the judge names a folder");
        ours::serve(words.map(|word| size(&word).expect("the judge names sizes")).collect(), folder.into());
        return ExitCode::SUCCESS;
    }
    // `cargo test --all-targets` runs each bench once, without this argument.
    let words: Vec<String> = words.collect();
    if !words.iter().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    match args(words).and_then(race) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("race: {error}");
            ExitCode::FAILURE
        }
    }
}

fn args(words: Vec<String>) -> Result<Args, Box<dyn Error>> {
    let mut args = Args { rounds: ROUNDS + 2, large_mib: None, reference: None };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--bench" => {}
            "--rounds" => args.rounds = value()?.parse::<usize>()?.max(ROUNDS),
            "--mib" => args.large_mib = Some(value()?.parse()?),
            "--reference" => {
                args.reference = Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("results/race.json"))
            }
            _ => return Err(format!("there is no argument '{word}'").into()),
        }
    }
    Ok(args)
}

fn race(args: Args) -> Result<(), Box<dyn Error>> {
    // A pool's folder is removed however its program ends, and this one needs no more of a pool.
    let pool = Pool::start(Options { workers: 1, folder: Some("/dev/shm".into()), ..Options::default() })?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalog = Catalog::load(&root)?;
    let scenario = catalog.find(SCENARIO)?;
    let mut sizes = scenario.sizes("lab")?.clone();
    let large_mib = args.large_mib.unwrap_or_else(|| room(pool.folder()));
    sizes.extend([("tasks".to_owned(), TASKS), ("large_mib".to_owned(), large_mib)]);
    let requirements = scenario.folder.join("peer/requirements.txt");
    let theirs = make(&Store::open(&root)?.environments(), &requirements, |what| eprintln!("{what} ..."))?;
    let sides = Sides::new(&theirs.python, pool.folder(), &sizes);
    let mut race = Race::new(sizes, theirs.versions);
    for round in 0..=args.rounds {
        eprintln!(
            "round {round} of {}{}",
            args.rounds,
            if round == 0 { ", which does not count" } else { "" }
        );
        let answers = sides.round(round)?;
        if round > 0 {
            race.add(answers);
        }
    }
    print!("{race}");
    if let Some(path) = args.reference {
        fs::create_dir_all(path.parent().expect("it is in a folder"))?;
        fs::write(&path, race.json()? + "\n")?;
        println!("\nkept in {}", path.display());
    }
    Ok(())
}

/// A size as both sides get it.
fn size(word: &str) -> Option<(String, u64)> {
    let (name, size) = word.split_once('=')?;
    Some((name.to_owned(), size.parse().ok()?))
}

/// The array to hand over, in MiB: [`LARGE`], or less if the machine has less room. The array and
/// its file take two of them, and as much should stay free.
fn room(folder: &Path) -> u64 {
    let memory = Meminfo::current().ok().and_then(|info| info.mem_available).unwrap_or(0);
    let shm = statvfs(folder).map_or(0, |system| system.blocks_available() * system.fragment_size());
    (memory.min(shm) >> 22).min(LARGE)
}
