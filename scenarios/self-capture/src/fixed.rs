//! A job is what the task needs: the prices of one order, and a rate.

use labkit::{Bench, Result};
use labpool::Task;

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Bill, Shop};

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of a bill";
    type Args = (Bill, f64);
    type Output = f64;

    fn run((bill, rate): Self::Args) -> f64 {
        bill.sum() * rate
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Fixed: the shop looks up what the task needs, and stays at home.
    let jobs = setup::orders(bench, &gate).map(|order| (shop.bill(order), shop.rate()));
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
