//! A session has a task that waits until the session is answered, or is closed when it is dropped.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Buffer, Executor, Slot};

struct Session {
    buffer: Buffer,
    slot: Arc<Slot>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.slot.close();
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
        let session = Arc::new(Session { buffer: request.buffer, slot: Arc::default() });
        session.buffer.read();
        // TODO: the task waits for the end of its session, and the session never ends. Let it end.
        let waiting = Arc::clone(&session);
        executor.spawn(async move {
            setup::count(waiting.slot.answer().await);
        });
        if request.is_answered {
            session.slot.put(request.number);
            executor.run();
        }
        drop(session);
        executor.run();
    })
}
