//! A table has a message of each connection in each round, and will be full in the end.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup::{self, Store};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut store = Store::full(bench, 0)?;
    store.advise(Advice::HugePage)?;
    bench.mark("memory reserved");
    store.fill_column();
    bench.mark("column filled");
    let (rounds, connections) = (setup::rounds(bench), bench.size("connections"));
    // TODO: the first round takes the memory of all rounds. Have the table grow with what is in it.
    let place = |round: usize, connection: usize| connection * rounds + round;
    for round in 0..rounds {
        for connection in 0..connections {
            store.write_in_round(place(round, connection), round, connection);
        }
        if round == 0 {
            bench.mark("messages in");
        }
    }
    store.look_for_losses(bench, place);
    store.read_all(bench, (0..connections).map(|connection| place(0, connection)));
    Ok(())
}
