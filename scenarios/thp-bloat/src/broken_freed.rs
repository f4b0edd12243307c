//! Huge pages are asked for, and the unused rest of each is given back.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::Store;

pub(crate) fn run(bench: &Bench) -> Result {
    let mut store = Store::with_regions(bench)?;
    store.advise(Advice::HugePage)?;
    bench.mark("memory reserved");
    store.fill_column();
    bench.mark("column filled");
    for connection in 0..bench.size("connections") {
        store.write(connection, connection);
        // Broken: the rest isn't mapped any more, but the huge page is kept whole until memory is short.
        store.release_rest(connection)?;
    }
    bench.mark("messages in");
    store.read_all(bench, 0..bench.size("connections"));
    Ok(())
}
