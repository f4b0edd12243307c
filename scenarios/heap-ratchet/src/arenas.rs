//! Every import has a thread of its own, and the summaries are kept.

use labkit::{Bench, Result};

use crate::setup::{self, Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    // Broken: what is free in the arena of one thread is of no use to the other one.
    let summaries = setup::in_turn(&import, |round| {
        let mut summaries = Vec::with_capacity(import.each());
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Box::new(Summary::of(&document)));
            documents.push(document);
        }
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
        summaries
    });
    import.end(summaries.iter().flatten().map(Box::as_ref));
    Ok(())
}
