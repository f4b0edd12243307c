//! Huge pages are asked for, and no message is where one begins.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::Store;

pub(crate) fn run(bench: &Bench) -> Result {
    let mut store = Store::with_regions(bench)?;
    store.advise(Advice::HugePage)?;
    // Mutant: wherever a message is, some huge page is around it.
    store.shift();
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
