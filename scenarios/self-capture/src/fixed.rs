//! A job is what the task needs: the prices of one order, and a rate.

use labkit::{Bench, Result};

use crate::setup::{self, ByBill, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Fixed: the shop looks up what the task needs, and stays at home.
    let jobs = setup::orders(bench, &gate).map(|order| (shop.bill(order), shop.rate()));
    setup::work::<ByBill>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
