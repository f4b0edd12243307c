//! All requests wait at one board for their news, and those whose client is gone are cancelled.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup::{self, Board, Executor};

struct Seat {
    board: Arc<Board>,
    number: usize,
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
            // TODO: the future is gone and its buffer too, and yet the task is still there. Find who has it.
            task.cancel();
        }
    })?;
    board.state(bench);
    Ok(())
}
