//! A page of the built site, parsed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use scraper::{ElementRef, Html, Selector};

/// A page.
pub(crate) struct Page {
    /// Its path, relative to the site.
    pub(crate) path: PathBuf,
    /// Its text as it is.
    pub(crate) text: String,
    /// Its elements.
    pub(crate) html: Html,
}

impl Page {
    /// A page of a site, by its path in it.
    pub(crate) fn read(site: &Path, path: &Path) -> Self {
        let text =
            fs::read_to_string(site.join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Page { path: path.to_owned(), html: Html::parse_document(&text), text }
    }

    /// Every element that the selector finds.
    pub(crate) fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&Selector::parse(selector).expect("the selector is well-formed")).collect()
    }

    /// The ids of the page, each with how often it is there.
    pub(crate) fn ids(&self) -> BTreeMap<&str, usize> {
        let mut ids = BTreeMap::new();
        for element in self.all("[id]") {
            *ids.entry(element.attr("id").unwrap_or_default()).or_default() += 1;
        }
        ids
    }

    /// Where a link of this page leads within the site: a file, and perhaps a place in it. `None`
    /// where it leaves the site.
    pub(crate) fn target(&self, link: &str) -> Option<(PathBuf, Option<String>)> {
        if ["http:", "https:", "mailto:", "data:"].iter().any(|scheme| link.starts_with(scheme)) {
            return None;
        }
        let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
        let file = match (path, path.strip_prefix('/')) {
            ("", _) => self.path.clone(),
            // The address of the site itself: of all pages, only that for errors needs it.
            (_, Some(path)) => PathBuf::from(path),
            (path, None) => flat(&self.path.parent().unwrap_or(Path::new("")).join(path)),
        };
        Some((file, place.filter(|place| !place.is_empty()).map(str::to_owned)))
    }
}

/// Every page of a site, in the order of their paths, by those.
pub(crate) fn pages(site: &Path) -> BTreeMap<PathBuf, Page> {
    paths(site).into_iter().map(|path| (path.clone(), Page::read(site, &path))).collect()
}

/// The paths of all pages of a site, in order.
pub(crate) fn paths(site: &Path) -> Vec<PathBuf> {
    let pages = files(site).into_iter().filter(|path| {
        let fragment =
            path.components().any(|part| ["results", "figures"].iter().any(|f| part.as_os_str() == *f));
        !fragment && path.extension().is_some_and(|end| end == "html")
    });
    pages.collect()
}

/// Every file below a folder, relative to it, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in folder.join(&inner).read_dir().expect("the folder is there").flatten() {
            let path = inner.join(entry.file_name());
            match entry.path().is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    files
}

/// The path without `.` and `..`.
pub(crate) fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path {
        match part.to_str() {
            Some("..") => drop(flat.pop()),
            Some(".") => {}
            _ => flat.push(part),
        }
    }
    flat
}
