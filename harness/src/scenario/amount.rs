//! A number times sizes: the only arithmetic that a scenario.toml has.
//!
//! It scales with the sizes, needs no expression language, and prints as the arithmetic it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::flaw::{Flaw, flaw};
use super::names::{Name, Names};

/// `factor` x the product of the sizes in `times`, + `plus`.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// The number in front.
    pub factor: f64,
    /// The names of the sizes.
    pub times: Vec<String>,
    /// Added to the product, in its unit.
    pub(crate) plus: u64,
}

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Memory, in MiB.
    Mib,
    /// A count of things.
    Count,
    /// A duration, in seconds.
    Seconds,
    /// A number without a unit, such as the r squared of a line.
    Ratio,
}

impl Amount {
    /// The amount as memory, in MiB.
    ///
    /// A size whose name ends with `_kib` is converted. The result is NaN if `sizes` lacks a name,
    /// and NaN is within no bound.
    pub fn mib(&self, sizes: &BTreeMap<String, u64>) -> f64 {
        self.value(sizes, Quantity::Mib)
    }

    /// The amount in the unit of `quantity`; NaN if `sizes` lacks a name.
    pub fn value(&self, sizes: &BTreeMap<String, u64>, quantity: Quantity) -> f64 {
        let product: f64 = self
            .times
            .iter()
            .map(|name| match sizes.get(name) {
                Some(&size) if quantity == Quantity::Mib && name.ends_with("_kib") => size as f64 / 1024.0,
                Some(&size) => size as f64,
                None => f64::NAN,
            })
            .product();
        self.factor * product + self.plus as f64
    }

    /// The amount and how it comes about, such as `640 MiB = 32 MiB array x 20 repeats`.
    pub(crate) fn arithmetic(&self, sizes: &BTreeMap<String, u64>, quantity: Quantity) -> String {
        let sum = quantity.print(self.value(sizes, quantity));
        if self.times.is_empty() && self.plus == 0 {
            return sum;
        }
        let mut parts: Vec<String> = self.times.iter().map(|name| size(name, sizes, quantity)).collect();
        if self.factor != 1.0 || parts.is_empty() {
            parts.insert(0, factor(self.factor));
        }
        if let ([size], 0, true) = (parts.as_slice(), self.plus, self.lacks(sizes).is_none()) {
            return size.clone();
        }
        let plus = match self.plus {
            0 => String::new(),
            plus => format!(" + {}", quantity.print(plus as f64)),
        };
        format!("{sum} = {}{plus}", parts.join(" x "))
    }

    /// The first size that is named here and that `sizes` lacks.
    pub(crate) fn lacks(&self, sizes: &BTreeMap<String, u64>) -> Option<&str> {
        self.times.iter().find(|name| !sizes.contains_key(*name)).map(String::as_str)
    }
}

impl Quantity {
    /// A value with its unit, short enough for a table.
    pub fn print(self, value: f64) -> String {
        let decimals = match self {
            _ if value == value.trunc() => 0,
            Quantity::Ratio => 4,
            _ if value.abs() < 0.01 => 6,
            _ => 2,
        };
        let unit = match self {
            // From here on, nobody counts in MiB.
            Quantity::Mib if value.abs() >= 8192.0 => return format!("{:.2} GiB", value / 1024.0),
            Quantity::Mib => " MiB",
            Quantity::Seconds => " s",
            Quantity::Count | Quantity::Ratio => "",
        };
        format!("{value:.decimals$}{unit}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AmountText {
    factor: Spanned<f64>,
    #[serde(default)]
    times: Vec<Name>,
    #[serde(default)]
    plus_mib: u64,
}

impl AmountText {
    /// The amount as memory.
    pub(super) fn check(&self, names: &Names) -> Result<Amount, Flaw> {
        amount(&self.factor, &self.times, self.plus_mib, Quantity::Mib, names)
    }
}

/// An amount of things that are counted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountText {
    factor: Spanned<f64>,
    #[serde(default)]
    times: Vec<Name>,
    #[serde(default)]
    plus: u64,
}

impl CountText {
    /// The amount as a count.
    pub(super) fn check(&self, names: &Names) -> Result<Amount, Flaw> {
        amount(&self.factor, &self.times, self.plus, Quantity::Count, names)
    }
}

fn amount(
    factor: &Spanned<f64>,
    sizes: &[Name],
    plus: u64,
    quantity: Quantity,
    names: &Names,
) -> Result<Amount, Flaw> {
    let number = *factor.get_ref();
    if !(number.is_finite() && number > 0.0) {
        return flaw(factor.span(), "the factor of a limit is a number above 0");
    }
    Ok(Amount { factor: number, times: times(sizes, quantity, names)?, plus })
}

/// The sizes of a product. Two sizes of memory in one product would be MiB times MiB.
pub(super) fn times(text: &[Name], quantity: Quantity, names: &Names) -> Result<Vec<String>, Flaw> {
    let is_memory = |name: &&Name| name.get_ref().ends_with("_mib") || name.get_ref().ends_with("_kib");
    let sizes = text.iter().map(|name| names.size(name)).collect::<Result<_, _>>()?;
    match text.iter().filter(is_memory).nth(1) {
        Some(second) if quantity == Quantity::Mib => {
            flaw(second.span(), "a bound in MiB multiplies one size of memory, not two")
        }
        _ => Ok(sizes),
    }
}

/// A size with its unit and what it is of, such as `32 MiB array`.
fn size(name: &str, sizes: &BTreeMap<String, u64>, quantity: Quantity) -> String {
    let Some(size) = sizes.get(name) else { return format!("({name}?)") };
    let (of, unit) = match (name.strip_suffix("_mib"), name.strip_suffix("_kib")) {
        (Some(of), _) if quantity == Quantity::Mib => (of, " MiB"),
        (_, Some(of)) if quantity == Quantity::Mib => (of, " KiB"),
        _ => (name, ""),
    };
    format!("{size}{unit} {}", of.replace('_', " "))
}

/// A factor with two decimals, or with more if two would hide some.
pub(crate) fn factor(value: f64) -> String {
    let short = format!("{value:.2}");
    if short.parse() == Ok(value) { short } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sizes() -> BTreeMap<String, u64> {
        BTreeMap::from([("array_mib".into(), 32), ("repeats".into(), 20), ("threshold_kib".into(), 1024)])
    }

    fn amount(factor: f64, times: &[&str], plus: u64) -> Amount {
        Amount { factor, times: times.iter().map(|&name| name.to_owned()).collect(), plus }
    }

    #[test]
    fn an_amount_prints_as_the_sum_it_is() {
        let print = |amount: Amount, quantity| amount.arithmetic(&sizes(), quantity);
        for (amount, quantity, text) in [
            (amount(1.0, &["array_mib", "repeats"], 0), Quantity::Mib, "640 MiB = 32 MiB array x 20 repeats"),
            (amount(24.0, &["array_mib"], 256), Quantity::Mib, "1024 MiB = 24.00 x 32 MiB array + 256 MiB"),
            (amount(0.5, &["threshold_kib"], 0), Quantity::Mib, "0.50 MiB = 0.50 x 1024 KiB threshold"),
            (amount(1.0, &["repeats"], 0), Quantity::Count, "20 repeats"),
            (amount(0.995, &[], 0), Quantity::Ratio, "0.9950"),
            (amount(0.995, &["repeats"], 0), Quantity::Count, "19.90 = 0.995 x 20 repeats"),
            (amount(2.0, &["repeats"], 2), Quantity::Count, "42 = 2.00 x 20 repeats + 2"),
            (amount(0.0, &[], 0), Quantity::Count, "0"),
            (amount(1.5, &[], 0), Quantity::Seconds, "1.50 s"),
        ] {
            assert_eq!(print(amount, quantity), text);
        }
    }

    #[test]
    fn a_size_in_kib_is_converted_for_memory_alone() {
        let threshold = amount(1.0, &["threshold_kib"], 0);
        assert_eq!(threshold.mib(&sizes()), 1.0);
        assert_eq!(threshold.value(&sizes(), Quantity::Count), 1024.0);
    }

    #[test]
    fn an_amount_of_a_size_that_is_not_there_is_no_number() {
        let amount = amount(1.0, &["array_mib", "slices"], 0);
        assert!(amount.mib(&sizes()).is_nan());
        assert_eq!(amount.lacks(&sizes()), Some("slices"));
        assert_eq!(amount.arithmetic(&sizes(), Quantity::Mib), "NaN MiB = 32 MiB array x (slices?)");
    }

    #[test]
    fn memory_of_whole_machines_is_in_gib() {
        let printed = [0.5, 640.0, 8191.5, 22_539.69].map(|value| Quantity::Mib.print(value));
        assert_eq!(printed, ["0.50 MiB", "640 MiB", "8191.50 MiB", "22.01 GiB"]);
    }

    proptest! {
        #[test]
        fn an_amount_is_its_factor_times_its_sizes(factor in 0.0f64..1e6, array in 1u64..1 << 20, plus in 0u64..1 << 20) {
            let sizes = BTreeMap::from([("array_mib".to_owned(), array)]);
            let sum = factor * array as f64 + plus as f64;
            prop_assert_eq!(amount(factor, &["array_mib"], plus).mib(&sizes), sum);
        }
    }
}
