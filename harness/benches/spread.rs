//! What several rounds of a measurement say together. All benches of the repository share this file.

use std::ops::Mul;

use serde::Serialize;

/// The median of the rounds, the lowest and the highest; NaN without rounds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.into_iter().collect();
        numbers.sort_unstable_by(f64::total_cmp);
        match numbers[..] {
            [] => Spread { median: f64::NAN, low: f64::NAN, high: f64::NAN },
            [low, .., high] => Spread { median: numbers[numbers.len() / 2], low, high },
            [one] => Spread { median: one, low: one, high: one },
        }
    }

    /// With so many decimals, and a unit at the end.
    pub(crate) fn shown(self, decimals: usize, unit: &str) -> String {
        let Spread { median, low, high } = self;
        let space = if unit.is_empty() { "" } else { " " };
        // What rounds to nothing has no sign.
        let number = |value: f64| {
            let text = format!("{value:.decimals$}");
            if text.parse() == Ok(0.0) { text.trim_start_matches('-').to_owned() } else { text }
        };
        match [median, low, high].map(number) {
            [median, low, high] if median == low && median == high => format!("{median}{space}{unit}"),
            [median, low, high] => format!("{median} ({low} … {high}){space}{unit}"),
        }
    }
}

impl Mul<f64> for Spread {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        let Spread { median, low, high } = self;
        Spread { median: median * factor, low: low * factor, high: high * factor }
    }
}
