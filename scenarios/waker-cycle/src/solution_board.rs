//! All requests wait at one board for their news, and whoever leaves takes its waker along.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Board, Executor};

struct Seat {
    board: Arc<Board>,
    number: usize,
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Fixed: the future has this seat, and is dropped when it's cancelled or has come to its end.
        drop(self.board.take(self.number));
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let board = Arc::new(Board::default());
    setup::serve(bench, Executor::new(setup::strong), |executor, request| {
        let seat = Seat { board: Arc::clone(&board), number: request.number };
        let task = executor.spawn(async move {
            request.buffer.read();
            setup::count(seat.board.news(seat.number).await);
        });
        if request.is_answered {
            board.post(request.number, request.number);
            executor.run();
        } else {
            task.cancel();
        }
    })?;
    board.state(bench);
    Ok(())
}
