//! The site: mdBook makes the pages out of the prose and the committed fragments.

mod code;
mod glossary;
mod page;
mod reading;
mod sitemap;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab::host::NewFolder;
use mdbook_driver::MDBook;
use mdbook_driver::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::fragments;
use crate::own::OwnRuns;
use crate::workbook::{Workbook, day};
use page::About;
use reading::Reading;

/// Builds the site, and returns its first page.
///
/// # Errors
///
/// Lists the fragments that are missing or stale and the includes that lead nowhere, or says why
/// mdBook stopped.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    let workbook = Workbook::open(root)?;
    fragments::check(&workbook)?;
    let mut book = MDBook::load(root.join("book"))?;
    let html = book.config.html_config().unwrap_or_default();
    let reading = Reading::of(&workbook, html.git_repository_url)?;
    let descriptions = reading.descriptions();
    book.with_preprocessor(OwnRuns::of(&workbook)?).with_preprocessor(EditLinks).with_preprocessor(reading);
    let site = book.build_dir_for("html");
    fs::create_dir_all(&site)?;
    let new = NewFolder::beside(&site)?;
    book.config.build.build_dir = new.path().canonicalize()?;
    book.build()?;
    leave_out(new.path())?;
    let about = About {
        host: html.site_url.filter(|url| url.starts_with("https://")),
        descriptions: descriptions.take(),
        recorded: newest(&workbook).to_owned(),
    };
    page::finish(new.path(), &about)?;
    if let Some(host) = &about.host {
        sitemap::write(new.path(), host, &about)?;
    }
    new.into_place()?;
    Ok(site.canonicalize()?.join("index.html"))
}

/// The day of the newest recorded result. The site has no other date: two builds of it are the same.
fn newest(workbook: &Workbook) -> &str {
    let records = workbook.lessons.iter().flat_map(|lesson| &lesson.records);
    records.map(day).max().unwrap_or_default()
}

/// Leads the links to edit a chapter of a scenario to its file: mdBook knows it by the link in the
/// book, and the hosts of repositories follow no links.
struct EditLinks;

impl Preprocessor for EditLinks {
    fn name(&self) -> &str {
        "edit-links"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        book.for_each_chapter_mut(|chapter| {
            // The path begins in book/src, and a browser resolves the `..` of an address.
            if let Some(path) = chapter.source_path.as_mut().filter(|path| path.starts_with("scenarios")) {
                *path = Path::new("../..").join(&path);
            }
        });
        Ok(book)
    }
}

/// Takes away what mdBook has copied along and no reader of the site needs: of the folders of the
/// scenarios all but the results, and of the fragments those that are parts of pages.
fn leave_out(site: &Path) -> Result<()> {
    for scenario in entries(&site.join("scenarios"))? {
        for path in entries(&scenario)? {
            let stays = path.ends_with("results") || path.extension().is_some_and(|end| end == "html");
            match stays {
                true => {}
                false if path.is_dir() => fs::remove_dir_all(&path)?,
                false => fs::remove_file(&path)?,
            }
        }
        leave_out_parts(&scenario.join("results"))?;
    }
    for folder in ["figures", "made"].map(|folder| site.join(folder)) {
        leave_out_parts(&folder)?;
    }
    Ok(())
}

/// Takes away the parts of pages below a folder, if there is one.
fn leave_out_parts(folder: &Path) -> Result<()> {
    for path in if folder.is_dir() { entries(folder)? } else { Vec::new() } {
        let is_part =
            path.extension().is_some_and(|end| ["html", "diff", "txt"].iter().any(|part| end == *part));
        match is_part {
            true => fs::remove_file(&path)?,
            false if path.is_dir() => leave_out_parts(&path)?,
            false => {}
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}
