//! A job is the call of a method, and so it is the shop, and the order.

use labkit::{Bench, Result};

use crate::setup::{self, ByShop, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Broken: the method needs its shop, so every job holds one, and every price travels with it.
    let jobs = setup::orders(bench, &gate).map(|order| (shop.clone(), order));
    setup::work::<ByShop>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
