//! Orders that lead to other orders: each child follows every chain, and reads each order once.

use std::cell::Cell;

use labkit::{Bench, Result, checksum};

use crate::setup;

struct Order {
    price: f64,
    next: usize,
    seen: Cell<bool>,
}

fn orders(prices: impl Iterator<Item = f64>) -> Vec<Order> {
    let order = |(place, price)| Order { price, next: setup::next(place, price), seen: Cell::new(false) };
    prices.enumerate().map(order).collect()
}

/// The sum of the bits of all prices.
fn follow(orders: &[Order]) -> u64 {
    // TODO: nothing here is changed, and yet the children copy the orders. Let them only read.
    let mut sum: u64 = 0;
    for mut place in 0..orders.len() {
        while let Some(order) = orders.get(place).filter(|order| !order.seen.replace(true)) {
            sum = sum.wrapping_add(order.price.to_bits());
            place = order.next;
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
