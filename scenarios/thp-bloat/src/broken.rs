//! Huge pages are asked for once, for the column and for the messages.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::Store;

pub(crate) fn run(bench: &Bench) -> Result {
    let mut store = Store::with_regions(bench)?;
    // Broken: the column is full, but of each region only the first page is used, and it takes a huge one.
    store.advise(Advice::HugePage)?;
    bench.mark("memory reserved");
    store.fill_column();
    bench.mark("column filled");
    for connection in 0..bench.size("connections") {
        store.write(connection, connection);
    }
    bench.mark("messages in");
    store.read_all(bench, 0..bench.size("connections"));
    Ok(())
}
