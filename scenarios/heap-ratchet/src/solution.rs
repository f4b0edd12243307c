//! Every page of a site has a counter before the first one is read, and the counters are kept.

use labkit::{Bench, Result};

use crate::setup::{Counters, Import};

pub(crate) fn run(bench: &Bench) -> Result {
    let site = Import::begin(bench);
    // Fixed: what lives long is made before what does not.
    let mut counters: Counters = (0..site.all()).map(|number| (number, Box::default())).collect();
    for round in site.rounds() {
        let mut pages = Vec::with_capacity(site.each());
        for number in site.numbers(round) {
            let page = site.read(number);
            counters.entry(number).or_default().add(&page);
            pages.push(page);
        }
        site.is_in_memory(round);
        drop(pages);
        site.is_dropped(round);
    }
    site.end(counters.values().map(Box::as_ref));
    Ok(())
}
