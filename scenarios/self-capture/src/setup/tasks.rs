//! What the workers can do: the same total, from more or from less.

use std::sync::{Arc, OnceLock};

use labpool::{Array, Entry, Task};

use super::shop::{Bill, Order, Shop};
use crate::{exercise, solution};

/// The table for labpool.
pub(crate) const TASKS: &[Entry] = &[
    Entry::of::<ByShop>(),
    Entry::of::<ByArrayShop>(),
    Entry::of::<BySharedShop>(),
    Entry::of::<ByBill>(),
    Entry::of::<OpenShop>(),
    Entry::of::<ByOwnShop>(),
    Entry::of::<exercise::ByQuote>(),
    Entry::of::<solution::ByQuote>(),
];

/// Is given a shop, and an order.
pub(crate) struct ByShop;

impl Task for ByShop {
    const NAME: &'static str = "total by shop";
    type Args = (Shop, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given a shop that has an array, and an order.
pub(crate) struct ByArrayShop;

impl Task for ByArrayShop {
    const NAME: &'static str = "total by array shop";
    type Args = (Shop<Array>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given a handle on a shop, and an order.
pub(crate) struct BySharedShop;

impl Task for BySharedShop {
    const NAME: &'static str = "total by shared shop";
    type Args = (Arc<Shop>, Order);
    type Output = f64;

    fn run((shop, order): Self::Args) -> f64 {
        shop.total(order)
    }
}

/// Is given the prices of an order, and a rate.
pub(crate) struct ByBill;

impl Task for ByBill {
    const NAME: &'static str = "total by bill";
    type Args = (Bill, f64);
    type Output = f64;

    fn run((bill, rate): Self::Args) -> f64 {
        bill.sum() * rate
    }
}

/// The shop that a worker keeps.
static SHOP: OnceLock<Shop> = OnceLock::new();

/// Is given a shop, and keeps it for later tasks.
pub(crate) struct OpenShop;

impl Task for OpenShop {
    const NAME: &'static str = "open shop";
    type Args = Shop;
    type Output = ();

    fn run(shop: Shop) {
        SHOP.get_or_init(|| shop);
    }
}

/// Is given an order, and asks the shop that the worker keeps.
pub(crate) struct ByOwnShop;

impl Task for ByOwnShop {
    const NAME: &'static str = "total by own shop";
    type Args = Order;
    type Output = f64;

    fn run(order: Order) -> f64 {
        SHOP.get().expect("each worker has opened a shop").total(order)
    }
}
