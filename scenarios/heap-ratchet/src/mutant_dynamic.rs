//! Every document is read into one large block, and nobody has told the allocator to go on as it has begun.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin_as_usual(bench);
    let mut summaries = Vec::with_capacity(import.all());
    for round in import.rounds() {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            // Mutant: the first large block that is freed teaches the allocator to keep those of its size.
            let document = import.read_whole(number);
            summaries.push(Box::new(Summary::of(&document)));
            documents.push(document);
        }
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end(summaries.iter().map(Box::as_ref));
    Ok(())
}
