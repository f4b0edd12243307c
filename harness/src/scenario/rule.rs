//! How the sizes of a scenario have to fit together for its arithmetic to hold.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::amount::{Amount, AmountText};
use super::flaw::{Flaw, flaw};
use super::names::{Name, Names};

/// A relation between sizes, without which a scenario shows something else or nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    /// The rule as a sentence.
    pub(crate) says: String,
    /// The comparison.
    pub(crate) amount: Amount,
    /// How it must stand to the other amount.
    pub(crate) order: Order,
    /// What it is compared with.
    pub(crate) other: Amount,
}

/// How two amounts must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The first is larger.
    MoreThan,
    /// The first is as large or larger.
    AtLeast,
    /// The first is the second, a whole number of times.
    MultipleOf,
}

impl Rule {
    /// Whether these sizes keep the rule. A value that isn't a number keeps none.
    pub(crate) fn is_kept(&self, sizes: &BTreeMap<String, u64>) -> bool {
        let (amount, other) = (self.amount.mib(sizes), self.other.mib(sizes));
        match self.order {
            Order::MoreThan => amount > other,
            Order::AtLeast => amount >= other,
            Order::MultipleOf => amount % other == 0.0,
        }
    }

    /// The sizes that it speaks of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.amount.times.iter().chain(&self.other.times)
    }
}

/// One block `[[rule]]`; the key that is there says which relation it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    says: Name,
    amount: AmountText,
    more_than: Option<AmountText>,
    at_least: Option<AmountText>,
    multiple_of: Option<AmountText>,
}

impl RuleText {
    pub(super) fn check(self, names: &Names) -> Result<Rule, Flaw> {
        let (order, other) = match (self.more_than, self.at_least, self.multiple_of) {
            (Some(other), None, None) => (Order::MoreThan, other),
            (None, Some(other), None) => (Order::AtLeast, other),
            (None, None, Some(other)) => (Order::MultipleOf, other),
            _ => return flaw(self.says.span(), "a rule has one of more_than, at_least, multiple_of"),
        };
        let (amount, other) = (self.amount.check(names)?, other.check(names)?);
        Ok(Rule { says: self.says.into_inner(), amount, order, other })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(order: Order) -> Rule {
        let amount = |name: &str| Amount { factor: 1.0, times: vec![name.to_owned()], plus: 0 };
        Rule { says: "so it is".into(), amount: amount("a_mib"), order, other: amount("b_kib") }
    }

    fn is_kept(order: Order, a_mib: u64, b_kib: u64) -> bool {
        rule(order).is_kept(&BTreeMap::from([("a_mib".to_owned(), a_mib), ("b_kib".to_owned(), b_kib)]))
    }

    #[test]
    fn amounts_are_compared_in_one_unit() {
        assert!(is_kept(Order::MoreThan, 2, 1024) && !is_kept(Order::MoreThan, 1, 1024));
        assert!(is_kept(Order::AtLeast, 1, 1024) && !is_kept(Order::AtLeast, 1, 1025));
        assert!(is_kept(Order::MultipleOf, 1, 256) && !is_kept(Order::MultipleOf, 1, 300));
    }

    #[test]
    fn a_size_that_is_not_there_keeps_no_rule() {
        let orders = [Order::MoreThan, Order::AtLeast, Order::MultipleOf];
        assert!(orders.into_iter().all(|order| !rule(order).is_kept(&BTreeMap::new())));
    }
}
