//! Orders that lead to other orders: each child follows every chain, and reads each order once.

use std::mem::replace;

use labkit::{Bench, Result, checksum};

use crate::setup;

struct Order {
    price: f64,
    next: usize,
}

fn orders(prices: impl Iterator<Item = f64>) -> Vec<Order> {
    let order = |(place, price)| Order { price, next: setup::next(place, price) };
    prices.enumerate().map(order).collect()
}

/// The sum of the bits of all prices.
fn follow(orders: &[Order]) -> u64 {
    // Fixed: what was seen is noted beside the orders, in a table that each child has for itself.
    let mut seen = vec![false; orders.len()];
    let mut sum: u64 = 0;
    for mut place in 0..orders.len() {
        while place < orders.len() && !replace(&mut seen[place], true) {
            sum = sum.wrapping_add(orders[place].price.to_bits());
            place = orders[place].next;
        }
    }
    sum
}

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list = orders(setup::prices(&array));
    bench.mark("data made");
    let read_array = || checksum(array.view());
    let read_list = || follow(&list);
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
