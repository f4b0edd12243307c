//! Every part of a document has a map of its own, and the summaries are kept.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    // Fixed: the allocator maps each part, and nothing is between two maps.
    labkit::sys::map_large_blocks(import.part_bytes());
    let mut summaries = Vec::with_capacity(import.all());
    for round in import.rounds() {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
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
