//! Every page of a site gets a counter when it is first seen, and the counters are kept.

use labkit::{Bench, Result};

use crate::setup::{Counters, Import};

pub(crate) fn run(bench: &Bench) -> Result {
    let site = Import::begin(bench);
    // TODO: the counters outlive the pages. Let the memory of the pages go back when they are dropped.
    let mut counters = Counters::new();
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
