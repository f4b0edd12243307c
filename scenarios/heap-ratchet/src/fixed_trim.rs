//! Every document gets a summary as soon as it is read, and the heap is trimmed when the documents are gone.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
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
        // Fixed: the allocator goes through its heaps and gives back each page that nothing is left on.
        labkit::sys::trim_heap();
        import.is_dropped(round);
    }
    import.end(summaries.iter().map(Box::as_ref));
    Ok(())
}
