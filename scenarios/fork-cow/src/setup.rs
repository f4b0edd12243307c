//! What the variants share: the prices, how a price is read, and a list with its counts elsewhere.

use std::cell::Cell;
use std::hint::black_box;
use std::ops::Deref;

use ndarray::Array1;

/// What an `Rc<f64>` takes, in bytes: two counts and the number, and what malloc(3) adds.
///
/// It is also what a float of CPython takes, but for eight bytes.
const OBJECT: usize = 32;

/// How many prices a mutant passes over for each one that it clones: half of what a page holds.
pub(crate) const SAMPLE: usize = 64;

/// The prices for the list: the first of the array, as many as make objects of the array's size.
pub(crate) fn prices(array: &Array1<f64>) -> impl Iterator<Item = f64> {
    first_prices(array.as_slice().expect("an array of labkit is in one piece")).iter().copied()
}

/// The same for an array in any memory.
pub(crate) fn first_prices(array: &[f64]) -> &[f64] {
    &array[..size_of_val(array) / OBJECT]
}

/// The sum of the bits of all prices, wrapping, as [`labkit::checksum`] has it.
///
/// Each price is handed over as whatever leads to it, and the compiler must not see through that:
/// it would leave out a clone that is dropped again at once.
pub(crate) fn sum<P: Deref<Target = f64>>(prices: impl Iterator<Item = P>) -> u64 {
    prices.fold(0, |sum, price| sum.wrapping_add(black_box(price).to_bits()))
}

/// Prices that are counted, with the counts in a table of their own.
pub(crate) struct Ledger {
    prices: Vec<f64>,
    counts: Vec<Cell<u32>>,
}

impl Ledger {
    /// A clone of each price in turn: it is counted while it is held.
    pub(crate) fn clones(&self) -> impl Iterator<Item = Held<'_>> {
        self.prices.iter().zip(&self.counts).map(|(price, count)| {
            count.set(count.get() + 1);
            Held { price, count }
        })
    }
}

impl FromIterator<f64> for Ledger {
    fn from_iter<I: IntoIterator<Item = f64>>(prices: I) -> Self {
        let prices: Vec<f64> = prices.into_iter().collect();
        Ledger { counts: vec![Cell::new(1); prices.len()], prices }
    }
}

/// One price of a [`Ledger`], held and counted.
pub(crate) struct Held<'a> {
    price: &'a f64,
    count: &'a Cell<u32>,
}

impl Deref for Held<'_> {
    type Target = f64;

    fn deref(&self) -> &f64 {
        self.price
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.count.set(self.count.get() - 1);
    }
}

/// The order that follows the one at `place`, for the exercise: one of the next few, by its price.
///
/// Many orders lead to the same one, and the last lead out of the list.
pub(crate) fn next(place: usize, price: f64) -> usize {
    place + 1 + (price * 64.0) as usize
}
