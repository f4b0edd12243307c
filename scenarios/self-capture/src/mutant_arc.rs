//! A job is a handle on the shop, and the order: what helps threads should help processes.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, BySharedShop, Shop};

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Arc<Shop> = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // Mutant: no shop is cloned any more, but a handle is serialised as all that it points to.
    let jobs = setup::orders(bench, &gate).map(|order| (Arc::clone(&shop), order));
    setup::work::<BySharedShop>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
