//! A confusion matrix, with the interval in which each rate lies.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Sum;

use lab::diagnosis::{Diagnosis, Verdict};

use super::cases::{Case, HEALTHY};

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    /// The name, or none for a healthy program.
    Right,
    /// One or several are possible, and the right one is among them.
    Among,
    /// One or several are possible, all of them something else.
    Others,
    /// Nothing is wrong, but most of the memory is what the right one is about: it does no harm, and is far from a limit.
    Harmless,
    /// Nothing is seen, although something is there.
    Missed,
    /// Too little was seen, of the run or of what is wrong, and that is said.
    TooLittle,
    /// The name of something else.
    Wrong,
}

impl Worth {
    pub(crate) fn of(case: &Case, diagnosis: &Diagnosis) -> Self {
        let is_mostly = |name: &str| diagnosis.mostly().is_some_and(|(judged, _)| judged.mode.id == name);
        let is_unseen = || diagnosis.unseen().any(|judged| case.is(judged.mode.id));
        match (diagnosis.verdict, diagnosis.named()) {
            (_, Some(named)) if case.is(named.mode.id) => Worth::Right,
            (_, Some(_)) => Worth::Wrong,
            (Verdict::None, _) if case.expected == HEALTHY => Worth::Right,
            (Verdict::None, _) if is_mostly(&case.expected) => Worth::Harmless,
            (Verdict::None, _) if is_unseen() => Worth::TooLittle,
            (Verdict::None, _) => Worth::Missed,
            _ if diagnosis.candidates().any(|judged| case.is(judged.mode.id)) => Worth::Among,
            _ if diagnosis.candidates().next().is_some() => Worth::Others,
            _ => Worth::TooLittle,
        }
    }
}

/// How often programs with a failure were called what.
#[derive(Default)]
pub(crate) struct Matrix {
    counts: BTreeMap<String, Counts>,
}

/// How often each answer was given.
#[derive(Default, Clone, Copy)]
struct Counts {
    answers: [usize; 7],
    /// How many of those that were left open a second run has settled rightly.
    settled: usize,
}

impl Matrix {
    pub(crate) fn add(&mut self, expected: &str, worth: Worth, is_settled: bool) {
        let counts = self.counts.entry(expected.to_owned()).or_default();
        counts.answers[worth as usize] += 1;
        counts.settled += usize::from(is_settled);
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| What is wrong | Runs | Right | Open | Others | Harmless | None | Little | Wrong | 95 % | Settled |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for (expected, counts) in &self.counts {
            row(f, &format!("`{expected}`"), counts)?;
        }
        let broken = self.counts.iter().filter(|(expected, _)| *expected != HEALTHY);
        let broken: Counts = broken.map(|(_, counts)| *counts).sum();
        match broken.answers.iter().sum() {
            0 => Ok(()),
            1.. => row(f, "all that are broken", &broken),
        }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    let runs: usize = counts.answers.iter().sum();
    write!(f, "| {name} | {runs} |")?;
    counts.answers.iter().try_for_each(|count| write!(f, " {count} |"))?;
    let (low, high) = wilson(counts.answers[Worth::Right as usize], runs);
    writeln!(f, " {:.0}–{:.0} | {} |", 100.0 * low, 100.0 * high, counts.settled)
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Counts::default(), |mut all, counts| {
            all.answers.iter_mut().zip(counts.answers).for_each(|(all, count)| *all += count);
            all.settled += counts.settled;
            all
        })
    }
}

/// The interval in which the rate lies with 95 %, by Wilson (1927).
fn wilson(right: usize, of: usize) -> (f64, f64) {
    let (n, z) = (of as f64, 1.96);
    let rate = right as f64 / n;
    let middle = rate + z * z / (2.0 * n);
    let reach = z * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt();
    let all = 1.0 + z * z / n;
    (((middle - reach) / all).max(0.0), ((middle + reach) / all).min(1.0))
}

#[test]
fn the_interval_is_that_of_the_paper() {
    let (low, high) = wilson(9, 10);
    assert!((low - 0.596).abs() < 0.001 && (high - 0.982).abs() < 0.001, "{low} {high}");
    assert_eq!(wilson(0, 5).0, 0.0);
}
