//! The site: mdBook makes the pages out of the prose and the committed fragments.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab::host::NewFolder;
use mdbook_driver::MDBook;
use mdbook_driver::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use tempfile::TempDir;

use crate::fragments;
use crate::own::OwnRuns;
use crate::workbook::Workbook;

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
    book.with_preprocessor(OwnRuns::of(&workbook)?).with_preprocessor(EditLinks);
    let site_url = book.config.html_config().and_then(|html| html.site_url);
    let host = site_url.filter(|url| url.starts_with("https://"));
    let theme = host.map(|host| theme_of(&host, &book.theme_dir())).transpose()?;
    if let Some(theme) = &theme {
        book.config.set("output.html.theme", theme.path())?;
    }
    let site = book.build_dir_for("html");
    fs::create_dir_all(&site)?;
    let new = NewFolder::beside(&site)?;
    book.config.build.build_dir = new.path().canonicalize()?;
    book.build()?;
    leave_out(new.path())?;
    new.into_place()?;
    Ok(site.canonicalize()?.join("index.html"))
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

/// The theme for a book that has a host: in it, the picture that other sites show of a page has its
/// whole address, since few of them know the place from which a shorter one leads on.
fn theme_of(host: &str, theme: &Path) -> Result<TempDir> {
    let folder = TempDir::new()?;
    for path in entries(theme)? {
        let name = path.file_name().unwrap_or_default();
        match name == "head.hbs" {
            true => {
                let head = fs::read_to_string(&path)?;
                let head = head.replace("{{ path_to_root }}", &format!("{}/", host.trim_end_matches('/')));
                fs::write(folder.path().join(name), head)?;
            }
            false => symlink(path.canonicalize()?, folder.path().join(name))?,
        }
    }
    Ok(folder)
}

/// Takes away what mdBook has copied along from the folders of the scenarios, but for the results:
/// readers of the site find the code in the repository.
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
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}
