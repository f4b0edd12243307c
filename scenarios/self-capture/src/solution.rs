//! Quotes: the prices are looked up beforehand, and the rate with them.

use labkit::{Bench, Result};
use labpool::Task;
use serde::{Deserialize, Serialize};

use crate::setup::{self, Bill, Order, Shop};

#[derive(Serialize, Deserialize)]
pub(crate) struct Quote {
    bill: Bill,
    // Fixed: the quote holds the number that it needs, and not the way back to who has it.
    rate: f64,
}

impl Quote {
    fn new(shop: &Shop, order: Order) -> Self {
        Quote { bill: shop.bill(order), rate: shop.rate() }
    }

    fn total(&self) -> f64 {
        self.bill.sum() * self.rate
    }
}

pub(crate) struct ByQuote;

impl Task for ByQuote {
    const NAME: &'static str = "total by fixed quote";
    type Args = Quote;
    type Output = f64;

    fn run(quote: Quote) -> f64 {
        quote.total()
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Shop = Shop::open(bench);
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    let jobs = setup::orders(bench, &gate).map(|order| Quote::new(&shop, order));
    setup::work::<ByQuote>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
