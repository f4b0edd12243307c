//! A session has a task that waits until the session is answered, and owns no session.

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
        // Fixed: the task owns what it waits for, and the session's end closes that and wakes the task.
        let waiting = Arc::clone(&session.slot);
        executor.spawn(async move {
            setup::count(waiting.answer().await);
        });
        if request.is_answered {
            session.slot.put(request.number);
            executor.run();
        }
        drop(session);
        executor.run();
    })
}
