//! The reader's own runs: if there are records of them, their curves come over the reference curves
//! of the site. The committed fragments know nothing of them.

use anyhow::Result;
use lab::model::record::Record;
use lab::store::{Store, records};
use mdbook_driver::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::fragments::{figure, page};
use crate::workbook::Workbook;

/// Draws the latest run of each scenario into the figures of the chapters.
///
/// It runs after mdBook's own preprocessors, so that the chapters hold the fragments that they
/// include, and no text of a record is ever taken for a command.
pub(crate) struct OwnRuns {
    /// Each figure as the chapters include it, and with the reader's curves.
    figures: Vec<(String, String)>,
}

impl OwnRuns {
    /// The figures that show a scenario of which there is a run.
    ///
    /// # Errors
    ///
    /// When the store can't be opened or a figure can't be drawn. A record that can't be read is named
    /// and left out.
    pub(crate) fn of(workbook: &Workbook) -> Result<Self> {
        let runs = latest(workbook)?;
        let mut figures = Vec::new();
        for placed in figure::placed(workbook)? {
            let reference = page::html(&placed.figure, &placed.link)?;
            let own: Vec<_> = runs.iter().filter(|run| run.header.scenario == placed.figure.slug).collect();
            let figure = placed.figure.with_own(&own);
            if figure.has_own() {
                figures.push((reference.trim_end().to_owned(), page::html(&figure, &placed.link)?));
            }
        }
        Ok(OwnRuns { figures })
    }
}

impl Preprocessor for OwnRuns {
    fn name(&self) -> &str {
        "own-runs"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        book.for_each_chapter_mut(|chapter| {
            for (reference, own) in &self.figures {
                chapter.content = chapter.content.replace(reference, own.trim_end());
            }
        });
        Ok(book)
    }
}

/// The records of the latest run of each scenario.
fn latest(workbook: &Workbook) -> Result<Vec<Record>> {
    let store = Store::open(&workbook.root)?;
    let mut all = Vec::new();
    for lesson in &workbook.lessons {
        let Ok(folder) = store.latest(Some(&lesson.scenario.slug)) else { continue };
        match records(&folder) {
            Ok((_, of)) => all.extend(of),
            Err(error) => eprintln!("bookgen: your own run is left out: {error:#}"),
        }
    }
    Ok(all)
}
