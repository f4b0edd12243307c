//! A request waits for its answer, and the server cancels its task when the client is gone.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Executor, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
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
            // Fixed: the future is taken out of the task and dropped, however many handles the task has.
            task.cancel();
        }
    })
}
