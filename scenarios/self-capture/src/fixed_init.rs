//! A job is the order alone: each worker was given the shop before, and keeps it.

use std::sync::OnceLock;

use labkit::{Bench, Result};
use labpool::Task;

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Order, Shop};

/// The shop of a worker.
static SHOP: OnceLock<Shop> = OnceLock::new();

pub(crate) struct Open;

impl Task for Open {
    const NAME: &'static str = "open a shop";
    type Args = Shop;
    type Output = ();

    fn run(shop: Shop) {
        SHOP.get_or_init(|| shop);
    }
}

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of an order, by the worker's shop";
    type Args = Order;
    type Output = f64;

    fn run(order: Order) -> f64 {
        SHOP.get().expect("each worker has opened a shop").total(order)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Fixed: the shop is sent once to each worker, and stays there for all of its jobs.
    pool.run_in_each_worker::<Open>(&shop)?;
    let jobs = setup::orders(bench, &gate);
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
