//! A request waits for its answer, and its waker only knows its task.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Executor, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: a waker has a `Weak`, so the server has the only handle to a task that waits.
    setup::serve(bench, Executor::new(setup::weak), |executor, request| {
        let slot = Arc::new(Slot::default());
        let awaited = Arc::clone(&slot);
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
