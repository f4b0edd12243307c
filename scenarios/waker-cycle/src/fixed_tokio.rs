//! A request waits for its answer on tokio, and the server aborts its task when the client is gone.

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
            // Fixed: the runtime drops the future at its next turn, and with it all that it has captured.
            task.abort();
        }
        setup::turn(runtime);
    })
}
