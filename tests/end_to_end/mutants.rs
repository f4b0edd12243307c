//! Programs that nearly solve an exercise, put in the learner's place: none of them may pass.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::learn::diagnosis::ANSWER;
use lab::learn::grade::{FACTS, PHASES};
use lab::model::verdict::{ENDS, WORK};
use lab::scenario::{Catalog, Scenario};
use libtest_mimic::{Completion, Failed, Trial};

use crate::mutant::{self, Mutant};
use crate::workbook::Workbook;

/// A trial for each scenario.
pub(crate) fn trials() -> Vec<Trial> {
    let catalog =
        Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("every scenario.toml can be read");
    let trial = |scenario: &Scenario| {
        let scenario = scenario.clone();
        Trial::ignorable_test(
            format!("every_mutant_is_rejected_for_its_own_reason::{}", scenario.slug),
            move || all(&scenario),
        )
    };
    catalog.scenarios().iter().map(trial).collect()
}

static TRIED: AtomicUsize = AtomicUsize::new(0);
static REJECTED: AtomicUsize = AtomicUsize::new(0);

/// How many of the mutants that were tried were rejected for their own reason; nothing where none was.
pub(crate) fn score() -> Option<String> {
    let [tried, rejected] = [&TRIED, &REJECTED].map(|count| count.load(Ordering::Relaxed));
    (tried > 0).then(|| format!("{rejected} of {tried} mutants rejected: {} %", 100 * rejected / tried))
}

fn all(scenario: &Scenario) -> Result<Completion, Failed> {
    let book = Workbook::new();
    let (mut wrong, mut unknown) = (Vec::new(), None);
    for mutant in mutant::of(scenario) {
        match verdict(&book, scenario, &mutant) {
            Err(why) => unknown = Some(why),
            Ok(found) => {
                TRIED.fetch_add(1, Ordering::Relaxed);
                match found {
                    Ok(()) => drop(REJECTED.fetch_add(1, Ordering::Relaxed)),
                    Err(why) => {
                        wrong.push(format!("{} of {}: {why}\n{}", mutant.name, mutant.exercise, mutant.says))
                    }
                }
            }
        }
    }
    match (wrong.is_empty(), unknown) {
        (false, _) => Err(wrong.join("\n\n").into()),
        (true, Some(why)) => Ok(Completion::ignored_with(why)),
        (true, None) => Ok(Completion::Completed),
    }
}

/// What the claims say that every exercise makes. One that fails may be why a later one does.
const GENERAL: [(&str, &str); 5] = [
    (ENDS, "The run ends as expected."),
    (WORK, "The work is done, and it is the same work."),
    (PHASES, "The program announces its phases as it did at the start."),
    (FACTS, "Your file states no fact that others count, and none twice."),
    (ANSWER, "The answer is right."),
];

/// Whether a mutant is rejected for its own reason, and else why not. The outer error is why this machine
/// can't say.
fn verdict(book: &Workbook, scenario: &Scenario, mutant: &Mutant) -> Result<Result<(), String>, String> {
    let said = book.check(scenario, mutant);
    match said.code {
        Some(1) => {}
        Some(2) => return Err(format!("{}: {}{}", mutant.name, said.stdout, said.stderr)),
        _ => return Ok(Err(format!("it is not rejected: {said:?}"))),
    }
    // Where a line ends depends on the width of the screen.
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let own = scenario.claims.iter().map(|claim| (claim.id.as_str(), claim.says.as_str()));
    let fails = |(_, says): &(&str, &str)| words.contains(&format!("{says} FAILS"));
    let fails: Vec<&str> = GENERAL.into_iter().chain(own).filter(fails).map(|(claim, _)| claim).collect();
    // A program that does not end well does no work, and one that does no work shows nothing of a claim.
    let is_general = |claim: &&str| GENERAL.iter().any(|(general, _)| general == claim);
    let is_for_it = match fails.first().filter(|first| is_general(first)) {
        Some(first) => *first == mutant.rejected_by,
        None => fails.contains(&mutant.rejected_by.as_str()),
    };
    Ok(match is_for_it {
        true => Ok(()),
        false => Err(format!("'{}' must reject it; these do: {fails:?}. {said:?}", mutant.rejected_by)),
    })
}
