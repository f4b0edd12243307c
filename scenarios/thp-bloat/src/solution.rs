//! Sessions that last are opened in huge pages that hold no others.

use labkit::{Bench, Result};

use crate::setup::{self, Arena, Shelf};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut arena = Arena::reserve(bench)?;
    bench.mark("memory reserved");
    arena.store.fill_column();
    bench.mark("column filled");
    let (mut closing, mut lasting) = (Vec::new(), Vec::new());
    // Fixed: what ends together lies together, so a huge page is empty when its sessions are closed.
    let [mut short, mut long] = [Shelf::default(), Shelf::default()];
    for session in setup::sessions(bench) {
        let shelf = if session.lasts { &mut long } else { &mut short };
        let place = arena.open(shelf, &session);
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
