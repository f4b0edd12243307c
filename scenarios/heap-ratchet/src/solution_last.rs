//! Every summary is in a block that is there from the start, and so are the reports.

use labkit::{Bench, Result};

use crate::setup::{self, Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    // Fixed: the reports have their room too, before the first document is read.
    let mut reports: Vec<_> = import.rounds().map(|_| Vec::with_capacity(setup::PARTS)).collect();
    for (round, report) in import.rounds().zip(&mut reports) {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        report.extend_from_slice(Summary::sum(&summaries[import.numbers(round)]).parts());
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end_with_reports(&summaries, &reports);
    Ok(())
}
