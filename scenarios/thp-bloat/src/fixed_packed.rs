//! The messages lie side by side, so that huge pages suit them too.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::Store;

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: a place is as large as a message, so the huge pages are full. One that grows has to move.
    let mut store = Store::side_by_side(bench)?;
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
