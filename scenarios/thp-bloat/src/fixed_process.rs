//! Huge pages are asked for, and the process may have none.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::{self, Store};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut store = Store::with_regions(bench)?;
    // Fixed: this overrules all that is asked for, in this process and in those that it starts.
    setup::do_without_huge_pages()?;
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
