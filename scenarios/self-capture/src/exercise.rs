//! Quotes: the prices are looked up beforehand, and the shop is asked for its rate in the end.

use std::sync::Arc;

use labkit::{Bench, Result};
use labpool::Task;
use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::setup;
use crate::shop::{Bill, Order, Shop};

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

pub(crate) struct Total;

impl Task for Total {
    const NAME: &'static str = "total of a quote, to be mended";
    type Args = Quote;
    type Output = f64;

    fn run(quote: Quote) -> f64 {
        quote.total()
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop = Arc::new(Shop::open(bench));
    bench.mark("shop open");
    let gate = Gate::new(bench)?;
    let mut pool = setup::pool(bench)?;
    bench.mark("tasks begin");
    // TODO: a quote has its prices, and still a whole shop travels with it. Let no shop travel.
    let jobs = setup::orders(bench, &gate).map(|order| Quote::new(&shop, order));
    let sum = setup::work::<Total>(bench, &gate, &mut pool, jobs)?;
    setup::facts(bench, Some(&pool), sum);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
