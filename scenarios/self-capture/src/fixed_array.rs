//! A job is still the shop and the order, but the shop keeps its prices in an array.

use labkit::{Bench, Result};
use labpool::Array;

use crate::setup::{self, ByArrayShop, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: an array is one object in every clone of its shop, and the pool writes it once.
    let shop: Shop<Array> = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| (shop.clone(), order));
    setup::work::<ByArrayShop>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
