//! A request waits for its answer, and the end of its connection throws the waker away.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Connection, Executor, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
        let slot = Arc::new(Slot::default());
        let awaited = Arc::clone(&slot);
        // Fixed: a guard that the task doesn't own clears the slot when the connection ends, on any way.
        let _connection = Connection(Arc::clone(&slot));
        let task = executor.spawn(async move {
            request.buffer.read();
            setup::count(awaited.answer().await);
        });
        if request.is_answered {
            slot.put(request.number);
            executor.run();
        } else {
            drop(task);
        }
    })
}
