//! A confusion matrix, with the interval in which each rate lies.

use std::collections::BTreeMap;
use std::fmt;

use super::cases::HEALTHY;

/// How often programs with a failure were called what.
#[derive(Default)]
pub(crate) struct Matrix {
    counts: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Matrix {
    pub(crate) fn add(&mut self, expect: &str, answer: &str) {
        *self.counts.entry(expect.to_owned()).or_default().entry(answer.to_owned()).or_default() += 1;
    }

    /// Both together.
    pub(crate) fn and(mut self, other: &Matrix) -> Matrix {
        for (expect, answers) in &other.counts {
            for (answer, count) in answers {
                *self.counts.entry(expect.clone()).or_default().entry(answer.clone()).or_default() += count;
            }
        }
        self
    }

    /// How many programs had this.
    pub(crate) fn of(&self, expect: &str) -> usize {
        self.counts.get(expect).map_or(0, |answers| answers.values().sum())
    }

    /// How many were broken.
    pub(crate) fn broken(&self) -> usize {
        self.counts.keys().filter(|expect| *expect != HEALTHY).map(|expect| self.of(expect)).sum()
    }

    /// How many broken ones were named rightly.
    pub(crate) fn right(&self) -> usize {
        let broken = self.counts.iter().filter(|(expect, _)| *expect != HEALTHY);
        broken.filter_map(|(expect, answers)| answers.get(expect)).sum()
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| What is wrong | Runs | Right | Between | None | Too little | Another name | Right, 95 % interval |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for (expect, answers) in &self.counts {
            let of = |answer: &str| answers.get(answer).copied().unwrap_or(0);
            let all: usize = answers.values().sum();
            let right = of(expect);
            let [between, none, little] = ["between", "none", "too-little"].map(of);
            let other = all - between - none - little - if expect == HEALTHY { 0 } else { right };
            let (low, high) = wilson(right, all);
            writeln!(
                f,
                "| `{expect}` | {all} | {right} | {between} | {none} | {little} | {other} | {:.0} to {:.0} % |",
                100.0 * low,
                100.0 * high
            )?;
        }
        Ok(())
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
