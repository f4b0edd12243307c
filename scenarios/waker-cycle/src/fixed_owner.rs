//! A request waits for its answer, and the executor owns all futures in one place.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Owner, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Owner::default(), |executor, request| {
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
            // Fixed: the task is a number, its waker has the same number, and neither of them owns a future.
            executor.cancel(task);
        }
    })
}
