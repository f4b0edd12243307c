//! The pool at work. Its workers are this program itself, so `main` begins as every user's does.

#![expect(clippy::disallowed_types, reason = "these tests count what is in a set, and never list it")]

mod behaviours;
mod endings;
mod faithful;
mod files;
mod keys;
mod ours;
mod state;
mod tasks;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test by the name of its function.
macro_rules! trials {
    ($($name:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::test(stringify!($name), || { $name(); Ok(()) })),*]
    };
}
pub(crate) use trials;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).is_some_and(|word| word == "forgetful") {
        return endings::forgetful();
    }
    labpool::serve(tasks::TASKS);
    match words.get(1).map(String::as_str) {
        Some("victim") => endings::victim(&words[2]),
        Some("fill") => endings::fill(&words[2]),
        Some("spill") => endings::spill(&words[2]),
        Some("--reference") => faithful::reference(),
        _ => {
            let files =
                [behaviours::trials(), keys::trials(), files::trials(), endings::trials(), state::trials()];
            let mut trials: Vec<Trial> = files.into_iter().flatten().collect();
            trials.extend(faithful::trials(&trials));
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
    }
}
