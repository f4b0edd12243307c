//! The site: mdBook makes the pages out of the prose and the committed fragments.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;

use crate::workbook::Workbook;
use crate::{fragments, own};

/// Builds the site, and returns its first page.
///
/// # Errors
///
/// Lists the fragments that are missing or stale and the includes that lead nowhere, or says why
/// mdBook stopped.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    let workbook = Workbook::open(root)?;
    fragments::check(&workbook)?;
    let book = MDBook::load(root.join("book"))?;
    book.build()?;
    let site = book.build_dir_for("html").canonicalize()?;
    leave_out(&site)?;
    lead_to_chapters(&site)?;
    if let Some(host) = book.config.html_config().and_then(|html| html.site_url) {
        show_picture(&site, &host)?;
    }
    own::draw(&workbook, &site)?;
    Ok(site.join("index.html"))
}

/// Takes away what mdBook has copied along from the folders of the scenarios, but for the results:
/// readers of the site find the code in the repository.
fn leave_out(site: &Path) -> Result<()> {
    for scenario in folder(&site.join("scenarios"))? {
        for path in folder(&scenario)? {
            let kept = path.ends_with("results") || path.extension().is_some_and(|end| end == "html");
            match kept {
                true => {}
                false if path.is_dir() => fs::remove_dir_all(&path)?,
                false => fs::remove_file(&path)?,
            }
        }
    }
    Ok(())
}

/// Lets the links to edit a chapter of a scenario lead to where it is: mdBook knows it by the link
/// in the book, and the hosts of repositories follow no links.
fn lead_to_chapters(site: &Path) -> Result<()> {
    for scenario in folder(&site.join("scenarios"))? {
        let is_page = |path: &PathBuf| path.extension().is_some_and(|end| end == "html");
        for page in folder(&scenario)?.into_iter().filter(is_page) {
            replace(&page, "rel=\"edit\"", |line| line.replace("/book/src/scenarios/", "/scenarios/"))?;
        }
    }
    Ok(())
}

/// Gives the picture that other sites show of a page its whole address, where the book has a host:
/// few of them know the place from which a shorter one leads on.
fn show_picture(site: &Path, host: &str) -> Result<()> {
    if !host.starts_with("https://") {
        return Ok(());
    }
    let address = format!("content=\"{}/social.png\"", host.trim_end_matches('/'));
    for page in own::pages(site)? {
        replace(&page, "property=\"og:image\"", |line| {
            let (before, _) = line.split_once("content=").unwrap_or((line, ""));
            format!("{before}{address}>\n")
        })?;
    }
    Ok(())
}

/// Puts others in the place of the lines of a page that contain a mark.
fn replace(page: &Path, mark: &str, other: impl Fn(&str) -> String) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let replaced = |line: &str| if line.contains(mark) { other(line) } else { line.to_owned() };
    let replaced: String = text.split_inclusive('\n').map(replaced).collect();
    if replaced != text {
        fs::write(page, replaced).with_context(|| page.display().to_string())?;
    }
    Ok(())
}

fn folder(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = path.read_dir().with_context(|| path.display().to_string())?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}
