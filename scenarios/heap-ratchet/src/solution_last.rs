//! Every summary is in a block that is there from the start, and so are the reports.

use labkit::{Bench, Result};

use crate::setup::{self, Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    // Fixed: the reports have their room too, before the first document is read.
    let mut reports = setup::ROUNDS.map(|_| Vec::with_capacity(import.each()));
    for (round, report) in setup::ROUNDS.into_iter().zip(&mut reports) {
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Summary::of(&document));
            documents.push(document);
        }
        report.extend(documents.iter().map(|document| Summary::of(document).total()));
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
    }
    import.end_with_reports(&summaries, &reports);
    Ok(())
}
