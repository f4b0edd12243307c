//! Every document gets a summary in a block that is there from the start, and each import gets a total.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    let mut totals = Vec::with_capacity(import.rounds().len());
    for round in import.rounds() {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        // Mutant: the total is one small block above all documents, and one is enough.
        totals.push(Box::new(Summary::sum(&summaries[import.numbers(round)])));
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end(totals.iter().map(Box::as_ref));
    Ok(())
}
