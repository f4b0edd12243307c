//! Programs that nearly solve an exercise, put in the learner's place: none of them may pass. And programs that
//! solve it in another way than the solution: all of them must.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::learn::diagnosis::ANSWER;
use lab::learn::grade::{FACTS, PHASES};
use lab::model::verdict::{ENDS, WORK};
use lab::scenario::{Catalog, Scenario, Trace};
use libtest_mimic::{Completion, Failed, Trial};

use crate::mutant::{self, Mutant, Way};
use crate::workbook::Workbook;

/// Two trials for each scenario: its mutants, and its ways if it has some.
pub(crate) fn trials() -> Vec<Trial> {
    let catalog =
        Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("every scenario.toml can be read");
    let mutants = |scenario: &Scenario| {
        let (scenario, name) = (scenario.clone(), "every_mutant_is_rejected_for_its_own_reason");
        Trial::ignorable_test(format!("{name}::{}", scenario.slug), move || all_mutants(&scenario))
    };
    let ways = |scenario: &Scenario| {
        let (scenario, name) = (scenario.clone(), "every_right_way_is_accepted");
        Trial::ignorable_test(format!("{name}::{}", scenario.slug), move || all_ways(&scenario))
    };
    let scenarios = catalog.scenarios().iter();
    let with_ways = scenarios.clone().filter(|scenario| !mutant::ways(scenario).is_empty());
    scenarios.map(mutants).chain(with_ways.map(ways)).collect()
}

/// How many programs were tried, and how many of them were judged as they must be.
struct Tally {
    tried: AtomicUsize,
    right: AtomicUsize,
}

impl Tally {
    const fn new() -> Self {
        Tally { tried: AtomicUsize::new(0), right: AtomicUsize::new(0) }
    }

    fn count(&self, is_right: bool) {
        self.tried.fetch_add(1, Ordering::Relaxed);
        self.right.fetch_add(usize::from(is_right), Ordering::Relaxed);
    }

    fn words(&self, what: &str) -> Option<String> {
        let [tried, right] = [&self.tried, &self.right].map(|count| count.load(Ordering::Relaxed));
        (tried > 0).then(|| format!("{right} of {tried} {what}: {} %", 100 * right / tried))
    }
}

static MUTANTS: Tally = Tally::new();
static WAYS: Tally = Tally::new();

/// How many of the mutants that were tried were rejected for their own reason, and how many of the right ways
/// were accepted; nothing if none was tried.
pub(crate) fn score() -> Option<String> {
    let lines = [MUTANTS.words("mutants rejected"), WAYS.words("right ways accepted")];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn all_mutants(scenario: &Scenario) -> Result<Completion, Failed> {
    let book = Workbook::new();
    conclusion(&MUTANTS, mutant::of(scenario), |mutant| {
        let place = format!("{} of {}: {}", mutant.name, mutant.exercise, mutant.says);
        (place, verdict(&book, scenario, mutant))
    })
}

fn all_ways(scenario: &Scenario) -> Result<Completion, Failed> {
    let book = Workbook::new();
    conclusion(&WAYS, mutant::ways(scenario), |way| {
        (format!("{} of {}: {}", way.name, way.exercise, way.says), accepted(&book, scenario, way))
    })
}

/// Whether a program is judged as it must be, and else why not. The outer error is why this machine can't say.
type Judged = Result<Result<(), String>, String>;

/// Tries all of some programs, each with a name and what is said of it.
fn conclusion<P>(
    tally: &Tally,
    programs: Vec<P>,
    judged: impl Fn(&P) -> (String, Judged),
) -> Result<Completion, Failed> {
    let (mut wrong, mut unknown) = (Vec::new(), None);
    for program in programs {
        match judged(&program) {
            (place, Err(why)) => unknown = Some(format!("{place} {why}")),
            (place, Ok(found)) => {
                tally.count(found.is_ok());
                wrong.extend(found.err().map(|why| format!("{place}\n{why}")));
            }
        }
    }
    match (wrong.is_empty(), unknown) {
        (false, _) => Err(wrong.join("\n\n").into()),
        (true, Some(why)) => Ok(Completion::ignored_with(why)),
        (true, None) => Ok(Completion::Completed),
    }
}

/// Whether a right way is accepted.
fn accepted(book: &Workbook, scenario: &Scenario, way: &Way) -> Judged {
    let said = book.check_way(scenario, way);
    match said.code {
        Some(0) => {
            let exercise = scenario.exercise(&way.exercise).expect("a way names an exercise");
            let texts = exercise.ways.iter().map(named).chain([(SOLUTIONS, exercise.why.as_str())]);
            Ok(explained(&said.stdout, texts, Some(way.way.as_deref().unwrap_or(SOLUTIONS))))
        }
        Some(2) => Err(format!("{}{}", said.stdout, said.stderr)),
        _ => Ok(Err(format!("It solves the exercise, and is not accepted: {said:?}"))),
    }
}

/// What the explanation of the solution is called here.
const SOLUTIONS: &str = "the solution's";

fn named(trace: &Trace) -> (&str, &str) {
    (&trace.name, &trace.says)
}

/// Whether this one of some texts is there, and no other; or none at all.
fn explained<'a>(
    said: &str,
    texts: impl Iterator<Item = (&'a str, &'a str)>,
    expected: Option<&str>,
) -> Result<(), String> {
    let words = words(said);
    let there: Vec<&str> =
        texts.filter(|(_, text)| words.contains(&self::words(text))).map(|(name, _)| name).collect();
    match there == expected.as_slice() {
        true => Ok(()),
        false => Err(format!("It must be explained as {expected:?}, and these are said: {there:?}. {said}")),
    }
}

/// A text without its lines. Where one ends depends on the width of the screen.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the claims say that every exercise makes. One that fails may be why a later one does.
const GENERAL: [(&str, &str); 5] = [
    (ENDS, "The run ends as expected."),
    (WORK, "The work is done, and it is the same work."),
    (PHASES, "The program announces its phases as it did at the start."),
    (FACTS, "Your file states no fact that others count, and none twice."),
    (ANSWER, "The answer is right."),
];

/// Whether a mutant is rejected for its own reason.
fn verdict(book: &Workbook, scenario: &Scenario, mutant: &Mutant) -> Judged {
    let said = book.check(scenario, mutant);
    match said.code {
        Some(1) => {}
        Some(2) => return Err(format!("{}{}", said.stdout, said.stderr)),
        _ => return Ok(Err(format!("it is not rejected: {said:?}"))),
    }
    let words = words(&said.stdout);
    let own = scenario.claims.iter().map(|claim| (claim.id.as_str(), claim.says.as_str()));
    let fails = |(_, says): &(&str, &str)| words.contains(&format!("{says} FAILS"));
    let fails: Vec<&str> = GENERAL.into_iter().chain(own).filter(fails).map(|(claim, _)| claim).collect();
    // A program that does not end well does no work, and one that does no work shows nothing of a claim.
    let is_general = |claim: &&str| GENERAL.iter().any(|(general, _)| general == claim);
    let is_for_it = match fails.first().filter(|first| is_general(first)) {
        Some(first) => *first == mutant.rejected_by,
        None => fails.contains(&mutant.rejected_by.as_str()),
    };
    if !is_for_it {
        return Ok(Err(format!("'{}' must reject it; these do: {fails:?}. {said:?}", mutant.rejected_by)));
    }
    let exercise = scenario.exercise(&mutant.exercise).expect("a mutant names an exercise");
    let explained = |mistake| explained(&said.stdout, exercise.mistakes.iter().map(named), mistake);
    let or = |why| mutant.or_mistake.as_deref().map_or(Err(why), |other| explained(Some(other)));
    Ok(explained(mutant.mistake.as_deref()).or_else(or))
}
