//! A request waits for its answer, and would throw its waker away when it is dropped.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Connection, Executor, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
        let slot = Arc::new(Slot::default());
        let awaited = Connection(Arc::clone(&slot));
        let task = executor.spawn(async move {
            request.buffer.read();
            // Mutant: the future owns the guard that should free it, so the guard is never dropped.
            setup::count(awaited.0.answer().await);
        });
        if request.is_answered {
            slot.put(request.number);
            executor.run();
        } else {
            drop(task);
        }
    })
}
