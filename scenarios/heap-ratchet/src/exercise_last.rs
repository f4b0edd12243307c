//! Every summary is in a block that is there from the start, and each import gets a report of its totals.

use labkit::{Bench, Result};

use crate::setup::{self, Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    let mut reports: Vec<Vec<u64>> = Vec::with_capacity(setup::ROUNDS.len());
    for round in setup::ROUNDS {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        // TODO: the summaries have their place, and yet all memory stays. Let it go back when the documents are dropped.
        reports.push(documents.iter().map(|document| Summary::of(document).total()).collect());
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end_with_reports(&summaries, &reports);
    Ok(())
}
