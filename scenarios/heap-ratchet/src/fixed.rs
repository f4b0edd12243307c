//! Every document gets a summary as soon as it is read, in a block that is there from the start.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    // Fixed: all summaries are in one block, below the first document.
    let mut summaries = Vec::with_capacity(import.all());
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
