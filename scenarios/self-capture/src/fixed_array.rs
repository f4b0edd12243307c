//! A job is still the shop and the order, but the shop keeps its prices in an array.

use labkit::{Bench, Result};
use labpool::{Array, Task};

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Order, Shop};

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of an order, by its shop with an array";
    type Args = (Shop<Array>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: the prices are an array, which is one object in every clone: the pool writes it once.
    let shop = Shop::<Array>::open(bench);
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| (shop.clone(), order));
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
