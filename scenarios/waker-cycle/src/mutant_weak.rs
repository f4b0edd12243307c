//! A request waits for its answer, and the server only knows its task.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Executor, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
        let slot = Arc::new(Slot::default());
        let awaited = Arc::clone(&slot);
        // Mutant: the server has a `Weak`, and the handle in the ring is still a strong one.
        let task = Arc::downgrade(&executor.spawn(async move {
            request.buffer.read();
            setup::count(awaited.answer().await);
        }));
        if request.is_answered {
            slot.put(request.number);
            executor.run();
        } else {
            drop(task);
        }
    })
}
