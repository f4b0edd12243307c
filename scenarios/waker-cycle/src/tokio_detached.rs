//! A request waits for its answer on tokio, and the server drops the handle when the client is gone.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Slot};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, setup::runtime()?, |runtime, request| {
        let slot = Arc::new(Slot::default());
        let awaited = Arc::clone(&slot);
        let task = runtime.spawn(async move {
            request.buffer.read();
            setup::count(awaited.answer().await);
        });
        setup::turn(runtime);
        if request.is_answered {
            slot.put(request.number);
        } else {
            // Broken: to drop a handle detaches its task, and the runtime owns all tasks that have not ended.
            drop(task);
        }
        setup::turn(runtime);
    })
}
