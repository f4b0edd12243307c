//! The built book: its pages, and what can be tried on them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use lab::scenario::Catalog;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::driver::Driver;

/// The built book, and the browser as soon as a trial needs it.
pub(crate) struct Book {
    pub(crate) catalog: Catalog,
    site: tempfile::TempDir,
    driver: OnceLock<Result<Driver, String>>,
}

impl Book {
    /// Builds the site into a folder of its own.
    pub(crate) fn build() -> Self {
        let root = Path::new(REPOSITORY);
        let site = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cargo has made this folder");
        let built = Command::new(env!("CARGO_BIN_EXE_bookgen"))
            .arg("build")
            .current_dir(root)
            .env("MDBOOK_BUILD__BUILD_DIR", site.path())
            .output()
            .expect("cargo has built bookgen");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let catalog = Catalog::load(root).expect("every scenario.toml can be read");
        Book { catalog, site, driver: OnceLock::new() }
    }

    /// The browser, or why there is none.
    pub(crate) fn driver(&self) -> Result<&Driver, String> {
        let start = || Driver::start(&Path::new(REPOSITORY).join("book/tests"), self.site.path());
        self.driver.get_or_init(start).as_ref().map_err(String::clone)
    }

    /// Every page, relative to the site, but for the list of chapters that stands inside of others.
    pub(crate) fn pages(&self) -> Vec<String> {
        let mut folders = vec![self.site.path().to_owned()];
        let mut pages = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().expect("the site was built").flatten() {
                let path = entry.path();
                let page = path.strip_prefix(self.site.path()).expect("it is below").to_owned();
                let is_page = page.extension().is_some_and(|end| end == "html");
                if path.is_dir() {
                    folders.push(path);
                } else if is_page && !page.ends_with("toc.html") && !is_fragment(&page) {
                    pages.push(page.display().to_string());
                }
            }
        }
        pages.sort();
        pages
    }

    /// The repository.
    pub(crate) fn root(&self) -> &'static Path {
        Path::new(REPOSITORY)
    }

    /// The page on which what is the same everywhere is tried once: the first chapter.
    pub(crate) fn example(&self) -> String {
        format!("scenarios/{}/chapter.html", self.catalog.scenarios()[0].slug)
    }

    pub(crate) fn text(&self, page: &str) -> String {
        fs::read_to_string(self.site.path().join(page)).expect("a page that was found")
    }

    pub(crate) fn on_disk(&self) -> String {
        format!("file://{}", self.site.path().display())
    }

    pub(crate) fn served(&self) -> String {
        self.driver().map(|driver| driver.served.clone()).unwrap_or_default()
    }

    /// Tries a case on a page from the disk.
    pub(crate) fn see(&self, case: &str, page: &str, more: Value) -> Result<Value, Failed> {
        let mut look = json!({ "case": case });
        if let (Value::Object(look), Value::Object(more)) = (&mut look, more) {
            look.extend(more);
        }
        let mut seen = self.read(page, &self.on_disk(), &[look])?;
        Ok(seen[0].take())
    }

    /// Tries cases on a page, one after another, and returns what each has seen.
    pub(crate) fn read(&self, page: &str, root: &str, cases: &[Value]) -> Result<Value, Failed> {
        self.driver()?.ask(&json!({ "url": format!("{root}/{page}"), "root": root, "cases": cases }))
    }

    /// The same without scripts.
    pub(crate) fn without_scripts(&self, page: &str) -> Result<(), Failed> {
        let cases = [json!({ "case": "without_scripts" })];
        let url = format!("{}/{page}", self.on_disk());
        self.driver()?.ask(&json!({ "url": url, "scripts": false, "cases": cases })).map(drop)
    }
}

/// Whether a file was copied along to be part of a page.
fn is_fragment(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "results" || part.as_os_str() == "figures")
}

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
