//! A confusion matrix, with the interval in which each rate lies.

use std::collections::BTreeMap;
use std::fmt;

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
    /// Nothing is seen, although something is there.
    Missed,
    TooLittle,
    /// The name of something else.
    Wrong,
}

impl Worth {
    pub(crate) fn of(case: &Case, diagnosis: &Diagnosis) -> Self {
        let is_right = |name: &str| case.expected == name || case.also.iter().any(|also| also == name);
        match (diagnosis.verdict, diagnosis.named()) {
            (_, Some(named)) if is_right(named.mode.id) => Worth::Right,
            (_, Some(_)) => Worth::Wrong,
            (Verdict::None, _) if case.expected == HEALTHY => Worth::Right,
            (Verdict::None, _) => Worth::Missed,
            _ if diagnosis.candidates().any(|judged| is_right(judged.mode.id)) => Worth::Among,
            _ if diagnosis.candidates().next().is_some() => Worth::Others,
            _ => Worth::TooLittle,
        }
    }
}

/// How often programs with a failure were called what.
#[derive(Default)]
pub(crate) struct Matrix {
    counts: BTreeMap<String, [usize; 6]>,
}

impl Matrix {
    pub(crate) fn add(&mut self, expected: &str, worth: Worth) {
        self.counts.entry(expected.to_owned()).or_default()[worth as usize] += 1;
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| What is wrong | Runs | Right | Possible, with the right one | Possible, others only | None | Too little | Another name | Right, 95 % interval |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
        let mut all = [0; 6];
        for (expected, counts) in &self.counts {
            row(f, &format!("`{expected}`"), counts)?;
            all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
        }
        row(f, "all", &all)
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, counts: &[usize; 6]) -> fmt::Result {
    let runs: usize = counts.iter().sum();
    write!(f, "| {name} | {runs} |")?;
    counts.iter().try_for_each(|count| write!(f, " {count} |"))?;
    let (low, high) = wilson(counts[Worth::Right as usize], runs);
    writeln!(f, " {:.0} to {:.0} % |", 100.0 * low, 100.0 * high)
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
