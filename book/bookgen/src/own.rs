//! The reader's own runs: where there are records of them, their curves come over the reference
//! curves in the built pages. The committed fragments know nothing of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab::model::record::Record;
use lab::store::{Store, records};

use crate::fragments::figure::{Shown, placed};
use crate::fragments::page;
use crate::workbook::Workbook;

/// Draws the latest run of each scenario into the figures of the built site.
///
/// # Errors
///
/// When a page can not be read or written. A record that can not be read is told of and left out.
pub(crate) fn draw(workbook: &Workbook, site: &Path) -> Result<()> {
    let runs = latest(workbook)?;
    let mut figures = Vec::new();
    for place in placed(workbook)? {
        let of = runs.iter().filter(|record| record.header.scenario == place.figure.slug).collect::<Vec<_>>();
        let figure = place.figure.with_own(&of);
        if figure.has_own() {
            figures.push(figure);
        }
    }
    if figures.is_empty() {
        return Ok(());
    }
    for page in pages(site)? {
        let text = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
        let drawn = figures.iter().try_fold(text.clone(), |text, figure| replaced(&text, figure))?;
        if drawn != text {
            fs::write(&page, drawn).with_context(|| page.display().to_string())?;
        }
    }
    Ok(())
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

/// The page with each picture of this figure drawn again.
fn replaced(page: &str, figure: &Shown) -> Result<String> {
    let mark = format!("data-fig=\"{}\"", figure.name);
    let mut text = String::new();
    let mut rest = page;
    while let Some(begin) = rest.find("<figure class=\"lab-fig\"") {
        let end = rest[begin..].find("</figure>").map_or(rest.len(), |end| begin + end + "</figure>".len());
        let (before, old) = (&rest[..begin], &rest[begin..end]);
        text.push_str(before);
        match old.lines().next().is_some_and(|head| head.contains(&mark)) {
            true => text.push_str(page::html(figure, link(old))?.trim_end()),
            false => text.push_str(old),
        }
        rest = &rest[end..];
    }
    Ok(text + rest)
}

/// Where the figure's CSV is, as seen from its page.
fn link(figure: &str) -> &str {
    let caption = figure.split_once("<figcaption>").map_or("", |(_, caption)| caption);
    let link = caption.split_once("<a href=\"").and_then(|(_, link)| link.split_once('"'));
    link.map_or("", |(link, _)| link)
}

/// Every page below a folder.
pub(crate) fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            // The fragments are copied along, and are no pages.
            if path.is_dir() && !path.ends_with("results") && !path.ends_with("figures") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                pages.push(path);
            }
        }
    }
    Ok(pages)
}
