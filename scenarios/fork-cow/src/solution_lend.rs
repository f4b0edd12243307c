//! A shop has many prices, and its children are lent a handle to each one that is on offer.

use std::rc::Rc;

use labkit::{Bench, Result, checksum};
use ndarray::Array1;

use crate::setup::{self, Crew};

struct Shop {
    array: Array1<f64>,
    prices: Vec<Rc<f64>>,
}

impl Shop {
    fn new(bench: &Bench) -> Shop {
        let array = bench.array(bench.size("data_mib"));
        Shop { prices: setup::prices(&array).map(Rc::new).collect(), array }
    }

    /// Handles to the prices that are on offer. Today, all of them are.
    fn offer(&self) -> Vec<Rc<f64>> {
        self.prices.clone()
    }

    /// Forks the children. They read through references, and count nothing.
    fn lend(&self, bench: &Bench, offer: &[Rc<f64>]) -> Result<Crew> {
        let read_array = || checksum(self.array.view());
        let read_list = || setup::sum(offer.iter().map(|price| &**price));
        setup::fork(bench, read_array, read_list)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let shop = Shop::new(bench);
    let offer = shop.offer();
    bench.mark("data made");
    // Fixed: the handles are kept until the children are gone, since to drop one is to count it down.
    let crew = shop.lend(bench, &offer)?;
    setup::lead(bench, crew)
}
