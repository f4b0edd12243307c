//! Every document gets a summary as soon as it is read, in a block that grows with them.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    // Mutant: each time that the block is full a larger one is made, above the documents read so far.
    let mut summaries = Vec::new();
    for round in import.rounds() {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end(&summaries);
    Ok(())
}
