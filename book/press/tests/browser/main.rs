//! Tries the built book in a real browser: each page, in light and dark, from a disk and from a
//! server, with and without scripts, by mouse, keys and on paper.
//!
//! What is done with a page stands in book/tests/cases.mjs; what figures must say is asked of the
//! records here. Where node, its packages or Chromium are missing, each trial is ignored and says so.

mod driver;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use driver::Driver;
use lab::catalog::Catalog;
use lab::record::Record;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let book = Arc::new(Book::build());
    libtest_mimic::run(&Arguments::from_args(), trials(&book)).exit_code()
}

/// The built book, and the browser as soon as a trial needs it.
struct Book {
    catalog: Catalog,
    site: tempfile::TempDir,
    driver: OnceLock<Result<Driver, String>>,
}

/// What is asked of a page, and what must hold of the answer.
type Test = fn(&Book, &str) -> Result<(), Failed>;

fn trials(book: &Arc<Book>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: &str, page: &str, test: Test| {
        let (book, page) = (Arc::clone(book), page.to_owned());
        trials.push(Trial::ignorable_test(format!("{page}::{name}"), move || match book.driver() {
            Ok(_) => test(&book, &page).map(|()| Completion::Completed),
            Err(why) => Ok(Completion::ignored_with(why)),
        }));
    };
    let example = format!("scenarios/{}/chapter.html", book.catalog.scenarios()[0].slug);
    for page in book.pages() {
        add("every_rule_of_access_holds_in_light", &page, |book, page| book.axe(page, "light"));
        add("every_rule_of_access_holds_in_navy", &page, |book, page| book.axe(page, "navy"));
        add("a_server_is_asked_for_nothing_else", &page, |book, page| book.quiet(page, &book.served()));
        add("it_fits_a_phone", &page, |book, page| book.on_phone(page));
        if page == "404.html" {
            // Its links begin at the root of a server.
            continue;
        }
        add("a_disk_is_asked_for_nothing_else", &page, |book, page| book.quiet(page, &book.on_disk()));
        if !book.text(&page).contains("lab-fig") {
            continue;
        }
        add("figures_and_answers_need_no_scripts", &page, |book, page| {
            book.see("without_scripts", page, json!({ "scripts": false })).map(drop)
        });
        add("it_can_be_printed", &page, |book, page| book.see("print", page, json!({})).map(drop));
        // The page of all chapters shows what the others show.
        if page != "print.html" {
            add("figures_say_what_the_records_hold", &page, readings);
        }
    }
    add("every_rule_of_access_holds_in_rust", &example, |book, page| book.axe(page, "rust"));
    add("every_rule_of_access_holds_in_coal", &example, |book, page| book.axe(page, "coal"));
    add("every_rule_of_access_holds_in_ayu", &example, |book, page| book.axe(page, "ayu"));
    for case in ["shown_on_request", "arrow_keys", "sidebar", "switches"] {
        let (book, page) = (Arc::clone(book), example.clone());
        trials.push(Trial::ignorable_test(format!("{page}::{case}"), move || match book.driver() {
            Ok(_) => book.see(case, &page, json!({})).map(|_| Completion::Completed),
            Err(why) => Ok(Completion::ignored_with(why)),
        }));
    }
    let mut add = |name: &str, test: Test| {
        let (book, page) = (Arc::clone(book), example.clone());
        trials.push(Trial::ignorable_test(format!("{page}::{name}"), move || match book.driver() {
            Ok(_) => test(&book, &page).map(|()| Completion::Completed),
            Err(why) => Ok(Completion::ignored_with(why)),
        }));
    };
    add("a_record_of_ones_own_is_drawn", own_record);
    add("what_is_no_record_is_refused_with_the_reason", wrong_records);
    add("a_guess_is_drawn_and_remembered", predictions);
    trials
}

/// Whatever a figure says at any time is what the record holds.
fn readings(book: &Book, page: &str) -> Result<(), Failed> {
    let seen = book.see("readings", page, json!({}))?;
    for figure in seen.as_array().into_iter().flatten() {
        truth::check(&book.catalog, figure)?;
    }
    Ok(())
}

/// A record that the reader brings is drawn and read, and its texts stay texts.
fn own_record(book: &Book, page: &str) -> Result<(), Failed> {
    let scenario = &book.catalog.scenarios()[0];
    let path = scenario.folder.join("results/fixed.jsonl");
    let harm = r#""variant":"<img src=x onerror=window.harm=1>""#;
    let text = fs::read_to_string(&path)?.replacen(r#""variant":"fixed""#, harm, 1);
    let seen = book.see("own_record", page, json!({ "name": "own.jsonl", "text": text }))?;
    let label = seen["label"].as_str().unwrap_or_default();
    assert!(label.contains("<img src=x onerror=window.harm=1>, yours"), "the label is {label}");
    let record = Record::read(&path)?;
    assert!(seen["message"].as_str().unwrap_or_default().contains(&record.header.started), "{seen}");
    let row = seen["rows"].as_array().and_then(|rows| rows.last()).ok_or("the legend has no rows")?;
    truth::row(&record, scenario.curve.name, &seen["time"], row)
}

/// Each file that is no record gets a message that says what is wrong, and where.
fn wrong_records(book: &Book, page: &str) -> Result<(), Failed> {
    let good = fs::read_to_string(book.catalog.scenarios()[0].folder.join("results/fixed.jsonl"))?;
    let (header, _) = good.split_once('\n').ok_or("a record has lines")?;
    let samples = |block: &str| format!("{header}\n{{\"samples\":{block}}}\n");
    let cases = [
        ("picture.png", "\u{89}PNG<script>window.harm=1</script>".to_owned(), 1, "Line 1: this is not JSON"),
        ("empty.jsonl", String::new(), 1, "Line 1: this is not JSON"),
        ("huge.jsonl", " ".repeat(1024), 17 << 10, "17 MiB"),
        ("list.jsonl", "[1,2]\n".into(), 1, "Line 1: this is no line of a record"),
        (
            "headless.jsonl",
            "{\"mark\":{\"t\":1,\"name\":\"a\"}}\n".into(),
            1,
            "Line 1: a record has one header",
        ),
        ("newer.jsonl", good.replacen(r#""schema":1"#, r#""schema":2"#, 1), 1, "Line 1: format 2 is newer"),
        ("kind.jsonl", format!("{header}\n{{\"<b>\":{{}}}}\n"), 1, "Line 2: this is no line of a record"),
        (
            "other.jsonl",
            samples(r#"{"track":"beat","t":[1],"columns":{"unheard":[1]}}"#),
            1,
            "nothing of what",
        ),
        (
            "short.jsonl",
            samples(r#"{"track":"beat","t":[1,1],"columns":{"tmpfs":[1]}}"#),
            1,
            "Line 2: \"tmpfs\" has not",
        ),
        ("less.jsonl", samples(r#"{"track":"beat","t":[1],"columns":{"tmpfs":[-1]}}"#), 1, "no count"),
        ("text.jsonl", samples(r#"{"track":"beat","t":[1],"columns":{"tmpfs":["1"]}}"#), 1, "no count"),
        (
            "back.jsonl",
            samples(r#"{"track":"beat","t":[5,-2],"columns":{"tmpfs":[1,1]}}"#),
            1,
            "goes backwards",
        ),
        (
            "proto.jsonl",
            samples(r#"{"track":"__proto__","t":[1],"columns":{"__proto__":[1]}}"#),
            1,
            "nothing of what",
        ),
    ];
    let files: Vec<Value> = cases
        .iter()
        .map(|(name, text, times, _)| json!({ "name": name, "text": text, "times": times }))
        .collect();
    let seen = book.see("wrong_records", page, json!({ "files": files }))?;
    for ((name, .., expected), message) in cases.iter().zip(seen.as_array().into_iter().flatten()) {
        let message = message.as_str().unwrap_or_default();
        assert!(
            message.contains(expected),
            "{name} must be answered with `{expected}`, and is with `{message}`"
        );
    }
    Ok(())
}

/// A guess that is half too high is told so.
fn predictions(book: &Book, page: &str) -> Result<(), Failed> {
    let seen = book.see("predictions", page, json!({ "times": 1.5 }))?;
    let verdict = seen["verdict"].as_str().unwrap_or_default();
    assert!(verdict.ends_with("that is 1.5 times too high."), "{verdict}");
    Ok(())
}

impl Book {
    fn build() -> Self {
        let root = Path::new(REPOSITORY);
        let site = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cargo has made this folder");
        let built = std::process::Command::new(env!("CARGO_BIN_EXE_press"))
            .arg("build")
            .current_dir(root)
            .env("MDBOOK_BUILD__BUILD_DIR", site.path())
            .output()
            .expect("cargo has built press");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let catalog = Catalog::load(root).expect("every scenario.toml can be read");
        Book { catalog, site, driver: OnceLock::new() }
    }

    /// The browser, or why there is none.
    fn driver(&self) -> Result<&Driver, String> {
        let start = || Driver::start(&Path::new(REPOSITORY).join("book/tests"), self.site.path());
        self.driver.get_or_init(start).as_ref().map_err(String::clone)
    }

    /// Every page, relative to the site, but for the list of chapters that stands inside of others.
    fn pages(&self) -> Vec<String> {
        let mut folders = vec![self.site.path().to_owned()];
        let mut pages = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().expect("the site was built").flatten() {
                let path = entry.path();
                match path.extension() {
                    _ if path.is_dir() => folders.push(path),
                    Some(end) if end == "html" && !path.ends_with("toc.html") && !is_fragment(&path) => {
                        pages.push(
                            path.strip_prefix(self.site.path()).expect("it is below").display().to_string(),
                        );
                    }
                    _ => {}
                }
            }
        }
        pages.sort();
        pages
    }

    fn text(&self, page: &str) -> String {
        fs::read_to_string(self.site.path().join(page)).expect("a page that was found")
    }

    fn on_disk(&self) -> String {
        format!("file://{}", self.site.path().display())
    }

    fn served(&self) -> String {
        self.driver().map(|driver| driver.served.clone()).unwrap_or_default()
    }

    /// Tries a case on a page from the disk.
    fn see(&self, case: &str, page: &str, more: Value) -> Result<Value, Failed> {
        let root = if page == "404.html" { self.served() } else { self.on_disk() };
        let mut request = json!({ "case": case, "url": format!("{root}/{page}") });
        if let (Value::Object(request), Value::Object(more)) = (&mut request, more) {
            request.extend(more);
        }
        self.driver()?.ask(&request)
    }

    fn axe(&self, page: &str, theme: &str) -> Result<(), Failed> {
        self.see("axe", page, json!({ "theme": theme })).map(drop)
    }

    fn on_phone(&self, page: &str) -> Result<(), Failed> {
        self.see("fits", page, json!({ "width": 360 })).map(drop)
    }

    fn quiet(&self, page: &str, root: &str) -> Result<(), Failed> {
        let request = json!({ "case": "quiet", "url": format!("{root}/{page}"), "root": root });
        self.driver()?.ask(&request).map(drop)
    }
}

/// Whether a file was copied along to be part of a page.
fn is_fragment(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "results" || part.as_os_str() == "figures")
}

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Where Debian and others have the browser.
fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders = std::env::var_os("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    })
}
