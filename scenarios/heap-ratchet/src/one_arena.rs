//! Every import has a thread of its own, all threads have one arena, and the summaries are kept.

use labkit::{Bench, Result};

use crate::setup::{self, Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    // Broken: the second thread uses what the first one has freed, and none of it goes back.
    labkit::sys::limit_arenas(1);
    let summaries = setup::in_turn(&import, |round| {
        let mut summaries = Vec::with_capacity(import.each());
        let mut documents = Vec::with_capacity(import.each());
        for number in import.numbers(round) {
            let document = import.read(number);
            summaries.push(Box::new(Summary::of(&document)));
            documents.push(document);
        }
        import.is_in_memory(round);
        drop(documents);
        import.is_dropped(round);
        summaries
    });
    import.end(summaries.iter().flatten().map(Box::as_ref));
    Ok(())
}
