//! Every document gets a summary as soon as it is read, by several threads, and the summaries are kept.

use labkit::{Bench, Result};

use crate::setup::{Import, Summary};

pub(crate) fn run(bench: &Bench) -> Result {
    let import = Import::begin(bench);
    let mut summaries = Vec::with_capacity(import.all());
    for round in import.rounds() {
        let documents = import.in_threads(round, |number| {
            let document = import.read(number);
            // Broken: each thread has an arena, and in each of them the summaries stay between what is freed.
            (Box::new(Summary::of(&document)), document)
        });
        import.is_in_memory(round);
        summaries.extend(documents.into_iter().map(|(summary, _)| summary));
        import.is_dropped(round);
    }
    import.end(summaries.iter().map(Box::as_ref));
    Ok(())
}
