//! A job is the call of a method, and so it is the shop, and the order.

use labkit::{Bench, Result};
use labpool::Task;

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Order, Shop};

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of an order, by its shop";
    type Args = (Shop, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Broken: the method needs its shop, so every job holds one, and every price travels with it.
    let jobs = setup::orders(bench, &gate).map(|order| (shop.clone(), order));
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
