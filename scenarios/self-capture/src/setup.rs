//! What the variants share: a shop, its orders, the tasks, and the pools that work on them.

#![expect(clippy::disallowed_types, reason = "a real shop has one, and the lesson is what it costs to send")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};

use labkit::{Bench, Gate, Result, pass_gate};
use labpool::{Array, Options, Pool, Task};
use ndarray::{Array1, s};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::{Deserialize, Serialize, Serializer};

/// The gate at which the first job of each worker waits until the harness has looked.
pub(crate) fn gate(bench: &Bench) -> Result<Gate> {
    Ok(Gate::new(bench.size("workers"))?)
}

/// An order for each task, of so many articles, one after the other and from the start again.
///
/// The first ones, as many as there are workers, go to the gate.
pub(crate) fn orders(bench: &Bench, gate: &Gate) -> impl Iterator<Item = Order> {
    let (articles, records, workers) = (bench.size("articles"), bench.size("records"), bench.size("workers"));
    (0..bench.size("tasks")).map(move |order| {
        let first = order * articles;
        let articles = (first..first + articles).map(|article| article % records).collect();
        Order { articles, gate: (order < workers).then(|| gate.name().to_owned()) }
    })
}

/// A pool that maps large arrays.
pub(crate) fn pool(bench: &Bench) -> Result<Pool> {
    Ok(Pool::start(Options {
        workers: bench.size("workers"),
        threshold: Some(bench.size("threshold_kib") << 10),
        folder: Some(bench.shm().to_owned()),
        ..Options::default()
    })?)
}

/// As many threads as there are workers.
pub(crate) fn threads(bench: &Bench) -> Result<ThreadPool> {
    Ok(ThreadPoolBuilder::new().num_threads(bench.size("workers")).build()?)
}

/// Does the jobs in the workers of a pool, and states what came of it.
pub(crate) fn work<T: Task<Output = f64>>(
    bench: &Bench,
    gate: &Gate,
    pool: &mut Pool,
    jobs: impl Iterator<Item = T::Args>,
) -> Result {
    let totals = pool.run_unordered::<T>(jobs).map(|total| Ok(total?));
    let checksum = gate.open_during(|| look(bench), || add_up(bench, totals))?;
    state(bench, pool.bytes_sent(), pool.files_written(), checksum);
    Ok(())
}

/// Does the jobs in threads of this process, and states what came of it.
pub(crate) fn work_in_threads<J: FnOnce() -> f64 + Send + 'static>(
    bench: &Bench,
    gate: &Gate,
    threads: &ThreadPool,
    jobs: impl Iterator<Item = J>,
) -> Result {
    let (sender, totals) = mpsc::channel();
    for job in jobs {
        let sender = sender.clone();
        threads.spawn(move || {
            sender.send(job()).expect("totals are received until the last sender is gone");
        });
    }
    drop(sender);
    gate.open(|| look(bench));
    let checksum = add_up(bench, totals.into_iter().map(Ok))?;
    state(bench, 0, 0, checksum);
    Ok(())
}

/// The same for the exercise, on a day on which the rate changes: all orders have come by then, and no job is done.
pub(crate) fn work_on_a_new_rate<J: FnOnce() -> f64 + Send + 'static>(
    bench: &Bench,
    gate: &Gate,
    threads: &ThreadPool,
    jobs: impl Iterator<Item = J>,
) -> Result {
    // The first jobs wait at the gate, and the others for them.
    let change = std::iter::from_fn(|| {
        NEW_RATE.get_or_init(|| 2.0);
        bench.fact("rate_changes", 1);
        None
    });
    work_in_threads(bench, gate, threads, jobs.chain(change))
}

/// States what was copied, and how, and a checksum that proves the work.
fn state(bench: &Bench, bytes_sent: u64, files_written: u64, checksum: u64) {
    bench.fact("shops_cloned", Tally::cloned());
    bench.fact("shops_serialised", Tally::serialised());
    bench.fact("bytes_sent", bytes_sent);
    bench.fact("files_written", files_written);
    bench.fact("bills_added_up_here", ADDED_UP.load(Ordering::Relaxed));
    bench.fact("checksum", checksum);
}

/// Announces the phase in which the harness sees what the workers hold.
fn look(bench: &Bench) {
    bench.mark("workers hold their jobs");
}

/// The sum of the bits of all totals: the same in any order.
fn add_up(bench: &Bench, totals: impl Iterator<Item = Result<f64>>) -> Result<u64> {
    let mut sum = 0_u64;
    for (done, total) in (1..).zip(totals) {
        sum = sum.wrapping_add(total?.to_bits());
        bench.done(done);
    }
    Ok(sum)
}

/// Is given a shop, and an order.
pub(crate) struct ByShop;

impl Task for ByShop {
    const NAME: &'static str = "total by shop";
    type Args = (Shop, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given a shop that has an array, and an order.
pub(crate) struct ByArrayShop;

impl Task for ByArrayShop {
    const NAME: &'static str = "total by array shop";
    type Args = (Shop<Array>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given a handle on a shop, and an order.
pub(crate) struct BySharedShop;

impl Task for BySharedShop {
    const NAME: &'static str = "total by shared shop";
    type Args = (Arc<Shop>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given the prices of an order, and a rate.
pub(crate) struct ByBill;

impl Task for ByBill {
    const NAME: &'static str = "total by bill";
    type Args = (Bill, f64);
    type Output = f64;

    fn run((bill, rate): Self::Args) -> f64 {
        bill.sum() * rate
    }
}

/// The shop that a worker keeps.
static SHOP: OnceLock<Shop> = OnceLock::new();

/// Is given a shop, and keeps it for later tasks.
pub(crate) struct OpenShop;

impl Task for OpenShop {
    const NAME: &'static str = "open shop";
    type Args = Shop;
    type Output = ();

    fn run(shop: Shop) {
        SHOP.get_or_init(|| shop);
    }
}

/// Is given an order, and asks the shop that the worker keeps.
pub(crate) struct ByOwnShop;

impl Task for ByOwnShop {
    const NAME: &'static str = "total by own shop";
    type Args = Order;
    type Output = f64;

    fn run(order: Order) -> f64 {
        SHOP.get().expect("each worker has opened a shop").total(order)
    }
}

/// A large thing, of which an order needs very little.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shop<P = HashMap<String, f64>> {
    prices: P,
    rate: f64,
    #[serde(skip)]
    is_pinned: bool,
    tally: Tally,
}

/// Prices, by the number of an article.
pub(crate) trait Prices {
    /// All prices, in the order of the numbers.
    fn new(prices: Array1<f64>) -> Self;

    /// The price of one article.
    fn of(&self, article: usize) -> f64;
}

/// What the rate of every shop is from now on, unless it is pinned.
static NEW_RATE: OnceLock<f64> = OnceLock::new();

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
        Shop { prices, rate: 1.0 + numbers[0], is_pinned: false, tally: Tally }
    }

    /// What an order comes to: a method, and so it is given the whole shop.
    pub(crate) fn total(&self, order: Order) -> f64 {
        self.bill(order).sum() * self.rate()
    }

    /// Looks up the prices of an order.
    pub(crate) fn bill(&self, order: Order) -> Bill {
        let prices = order.articles.into_iter().map(|article| self.prices.of(article)).collect();
        Bill { prices, gate: order.gate }
    }

    /// What every sum is multiplied with.
    pub(crate) fn rate(&self) -> f64 {
        NEW_RATE.get().copied().filter(|_| !self.is_pinned).unwrap_or(self.rate)
    }

    /// Multiplies every sum with this from now on, for the exercise.
    pub(crate) fn pin(&mut self, rate: f64) {
        self.rate = rate;
        self.is_pinned = true;
    }
}

impl Bill {
    /// All prices together.
    pub(crate) fn sum(&self) -> f64 {
        if let Some(gate) = &self.gate {
            pass_gate(gate).expect("the gate stands for as long as there are jobs");
        }
        ADDED_UP.fetch_add(1, Ordering::Relaxed);
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

/// How many bills this process has added up.
static ADDED_UP: AtomicU64 = AtomicU64::new(0);

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
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        SERIALISED.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_unit_struct("Tally")
    }
}
