//! Sessions are opened in an arena that gives back the huge pages in which nobody has a place any more.

use labkit::{Bench, Result};

use crate::setup::{self, Arena, Shelf};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut arena = Arena::reserve(bench)?;
    bench.mark("memory reserved");
    arena.store.fill_column();
    bench.mark("column filled");
    let (mut closing, mut lasting) = (Vec::new(), Vec::new());
    // TODO: nearly all sessions are closed in the end, and yet no memory goes back. Have it go back.
    let mut shelf = Shelf::default();
    for session in setup::sessions(bench) {
        let place = arena.open(&mut shelf, &session);
        let places = if session.lasts { &mut lasting } else { &mut closing };
        places.push(place);
    }
    bench.mark("messages in");
    for place in closing {
        arena.close(place)?;
    }
    arena.store.read_all(bench, lasting);
    Ok(())
}
