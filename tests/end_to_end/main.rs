//! `lab` as a user runs it, with a scenario that behaves badly in every way that matters.
//!
//! `lab` starts this program again as the program of that scenario, so that nothing but Rust and
//! the tools of every Linux is needed.

mod bad_input;
mod bundle;
mod bytes;
mod class;
#[path = "../common/mod.rs"]
mod common;
mod elsewhere;
mod enclosing;
mod exits;
mod formats;
mod groups;
mod guide;
mod hostile;
mod install;
mod learner;
#[path = "../common/mutants.rs"]
mod mutant;
mod mutants;
mod mystery;
mod order;
mod ownership;
mod processes;
mod recheck;
mod record;
mod reliability;
mod restricted;
mod second_run;
mod service;
mod show;
mod signals;
mod sources;
mod sweeps;
mod toy;
mod workbook;

use std::process::ExitCode;

use libtest_mimic::Trial;

/// Tests by the names of their functions.
macro_rules! trials {
    ($($name:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::test(stringify!($name), || { $name(); Ok(()) })),*]
    };
}
pub(crate) use trials;

/// Tests that may find that the machine lacks what they need; each returns why, or `None`.
macro_rules! trials_where_possible {
    ($($name:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::ignorable_test(stringify!($name), || {
            Ok($name().map_or(libtest_mimic::Completion::Completed, libtest_mimic::Completion::ignored_with))
        })),*]
    };
}
pub(crate) use trials_where_possible;

fn main() -> ExitCode {
    if let Ok(name) = std::env::var(sources::VARIABLE) {
        return sources::main(&name);
    }
    if let Ok(mib) = std::env::var(second_run::VARIABLE) {
        return second_run::main(&mib);
    }
    if let Ok(words) = std::env::var(processes::VARIABLE) {
        return processes::main(&words);
    }
    if std::env::var_os(labkit::channel::VARIABLE).is_some() {
        return toy::main();
    }
    let in_the_workbook = [learner::trials(), mutants::trials(), recheck::trials(), service::trials()];
    let others = [
        bad_input::trials(),
        bytes::trials(),
        class::trials(),
        elsewhere::trials(),
        enclosing::trials(),
        exits::trials(),
        formats::trials(),
        groups::trials(),
        guide::trials(),
        hostile::trials(),
        install::trials(),
        mystery::trials(),
        order::trials(),
        ownership::trials(),
        processes::trials(),
        second_run::trials(),
        record::trials(),
        reliability::trials(),
        show::trials(),
        signals::trials(),
        sources::trials(),
        sweeps::trials(),
        restricted::trials(),
    ];
    let trials = between(in_the_workbook.into_iter().flatten(), others.into_iter().flatten());
    let arguments = common::arguments();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(score) = mutants::score() {
        println!("{score}\n");
    }
    conclusion.exit_code()
}

/// The trials that work in the one copy of the workbook, one at a time, with the others between them: else each thread
/// would soon wait for the copy.
fn between(in_the_workbook: impl Iterator<Item = Trial>, others: impl Iterator<Item = Trial>) -> Vec<Trial> {
    let (mut others, mut trials) = (others, Vec::new());
    for trial in in_the_workbook {
        trials.push(trial);
        trials.extend(others.by_ref().take(OTHERS));
    }
    trials.extend(others);
    trials
}

/// So many others take about as long, on the other threads, as one in the workbook.
const OTHERS: usize = 3;
