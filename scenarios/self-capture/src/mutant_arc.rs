//! A job is a handle on the shop, and the order: what helps threads should help processes.

use std::sync::Arc;

use labkit::{Bench, Result};
use labpool::Task;

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Order, Shop};

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of an order, by a handle on its shop";
    type Args = (Arc<Shop>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Mutant: no shop is cloned any more, but a handle is serialised as all that it points to.
    let jobs = setup::orders(bench, &gate).map(|order| (Arc::clone(&shop), order));
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
