//! The shop: it holds a long list of prices and one rate, and knows what an order comes to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use labkit::{Bench, pass_gate};
use labpool::Array;
use ndarray::{Array1, s};
use serde::{Deserialize, Serialize, Serializer};

/// A large thing, of which an order needs very little.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shop<P = HashMap<String, f64>> {
    prices: P,
    rate: f64,
    tally: Tally,
}

/// Prices, by the number of an article.
pub(crate) trait Prices {
    /// All prices, in the order of the numbers.
    fn new(prices: Array1<f64>) -> Self;

    /// The price of one article.
    fn of(&self, article: usize) -> f64;
}

/// What someone wants.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) articles: Vec<usize>,
    /// The name of the gate that this order goes to before it is added up.
    pub(crate) gate: Option<String>,
}

/// The prices of what someone wants.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bill {
    prices: Vec<f64>,
    gate: Option<String>,
}

impl<P: Prices> Shop<P> {
    /// A shop with as many `records` as scenario.toml says, all of them random.
    pub(crate) fn open(bench: &Bench) -> Self {
        let records = bench.size("records");
        let numbers = bench.array(records * size_of::<f64>() / (1 << 20) + 1);
        let prices = P::new(numbers.slice(s![..records]).to_owned());
        Shop { prices, rate: 1.0 + numbers[0], tally: Tally }
    }

    /// What an order comes to: a method, and so it is given the whole shop.
    pub(crate) fn total(&self, order: Order) -> f64 {
        self.bill(order).sum() * self.rate
    }

    /// Looks up the prices of an order.
    pub(crate) fn bill(&self, order: Order) -> Bill {
        let prices = order.articles.into_iter().map(|article| self.prices.of(article)).collect();
        Bill { prices, gate: order.gate }
    }

    /// What every sum is multiplied with.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }
}

impl Bill {
    /// All prices together.
    pub(crate) fn sum(&self) -> f64 {
        if let Some(gate) = &self.gate {
            pass_gate(gate).expect("the gate stands for as long as there are jobs");
        }
        self.prices.iter().sum()
    }
}

impl Prices for HashMap<String, f64> {
    fn new(prices: Array1<f64>) -> Self {
        prices.into_iter().enumerate().map(|(article, price)| (name(article), price)).collect()
    }

    fn of(&self, article: usize) -> f64 {
        self[&name(article)]
    }
}

impl Prices for Array {
    fn new(prices: Array1<f64>) -> Self {
        Array::from(prices)
    }

    fn of(&self, article: usize) -> f64 {
        self.view()[article]
    }
}

/// All names are of the same length, so that all shops of a run are of the same size on the wire.
fn name(article: usize) -> String {
    format!("article {article:08}")
}

/// A member that takes no room, and counts how often the shop that it is in is copied.
#[derive(Deserialize)]
pub(crate) struct Tally;

static CLONED: AtomicU64 = AtomicU64::new(0);
static SERIALISED: AtomicU64 = AtomicU64::new(0);

impl Tally {
    /// How many shops this process has cloned.
    pub(crate) fn cloned() -> u64 {
        CLONED.load(Ordering::Relaxed)
    }

    /// How many shops this process has serialised.
    pub(crate) fn serialised() -> u64 {
        SERIALISED.load(Ordering::Relaxed)
    }
}

impl Clone for Tally {
    fn clone(&self) -> Self {
        CLONED.fetch_add(1, Ordering::Relaxed);
        Tally
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SERIALISED.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_unit_struct("Tally")
    }
}
