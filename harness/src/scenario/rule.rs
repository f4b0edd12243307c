//! How the sizes of a scenario must go together for its arithmetic to hold.

use std::collections::BTreeMap;

use super::amount::Amount;

/// A relation between sizes, without which a scenario shows something else or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The rule as a sentence.
    pub says: String,
    /// What is compared.
    pub amount: Amount,
    /// How it must stand to the other amount.
    pub order: Order,
    /// What it is compared with.
    pub other: Amount,
}

/// How two amounts must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first is larger.
    MoreThan,
    /// The first is as large or larger.
    AtLeast,
    /// The first is the second, a whole number of times.
    MultipleOf,
}

impl Rule {
    /// Whether these sizes keep the rule. What is no number keeps none.
    pub fn is_kept(&self, sizes: &BTreeMap<String, u64>) -> bool {
        let (amount, other) = (self.amount.mib(sizes), self.other.mib(sizes));
        match self.order {
            Order::MoreThan => amount > other,
            Order::AtLeast => amount >= other,
            Order::MultipleOf => amount % other == 0.0,
        }
    }

    /// The sizes that it speaks of.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.amount.times.iter().chain(&self.other.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(order: Order) -> Rule {
        let amount = |name: &str| Amount { factor: 1.0, times: vec![name.to_owned()], plus_mib: 0 };
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
