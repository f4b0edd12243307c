//! Every summary is in a block that is there from the start, and each import gets a report of its sums.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    let mut reports: Vec<Vec<u64>> = Vec::with_capacity(import.rounds().len());
    for round in import.rounds() {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        // TODO: the summaries have their place, and yet all memory stays. Let it go back when the documents are dropped.
        reports.push(Summary::sum(&summaries[import.numbers(round)]).parts().to_vec());
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end_with_reports(&summaries, &reports);
    Ok(())
}
