//! A recording that can be seen while it goes on.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;

use anyhow::Result;

use crate::model::record::{Header, Record, Writer};
use crate::recorder::{self, Kept, Task};
use crate::report::live::{Live, REDRAW};
use crate::screen::say;

/// Records one run. Now and then another thread shows the record so far, after the runs that are done, so that
/// drawing doesn't delay the samples. Returns the fate of the file.
pub(crate) fn watched(
    task: &Task<'_>,
    header: Header,
    writer: Result<Writer, String>,
    done: &[Record],
    live: &mut Live,
) -> Result<Kept> {
    let (recording, is_over) = mpsc::channel::<()>();
    let is_seen = live.is_seen();
    let follow = move || {
        while is_over.recv_timeout(REDRAW) == Err(RecvTimeoutError::Timeout) {
            if let Some(now) = task.live.lock().expect("no thread panics with the record").as_ref() {
                live.show(done, now);
            }
        }
    };
    std::thread::scope(|scope| {
        // A user who may have few processes may have no thread for it.
        if is_seen && let Err(error) = Builder::new().spawn_scoped(scope, follow) {
            say(&format!("the run can't be shown while it goes on ({error})"));
        }
        let kept = recorder::record(task, header, writer);
        drop(recording);
        kept
    })
}
