//! Quotes: the prices are looked up beforehand, and the shop is asked for its rate in the end.

use std::sync::Arc;

use labkit::{Bench, Result};
use labpool::Task;
use serde::{Deserialize, Serialize};

use crate::setup::{self, Bill, Order, Shop};

#[derive(Serialize, Deserialize)]
pub(crate) struct Quote {
    bill: Bill,
    shop: Arc<Shop>,
}

impl Quote {
    fn new(shop: &Arc<Shop>, order: Order) -> Self {
        Quote { bill: shop.bill(order), shop: Arc::clone(shop) }
    }

    fn total(&self) -> f64 {
        self.bill.sum() * self.shop.rate()
    }
}

pub(crate) struct ByQuote;

impl Task for ByQuote {
    const NAME: &'static str = "total by quote";
    type Args = Quote;
    type Output = f64;

    fn run(quote: Quote) -> f64 {
        quote.total()
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop: Arc<Shop> = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = setup::gate(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // TODO: a quote has its prices, and still a whole shop travels with it. Let no shop travel.
    let jobs = setup::orders(bench, &gate).map(|order| Quote::new(&shop, order));
    setup::work::<ByQuote>(bench, &gate, &mut pool, jobs)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
