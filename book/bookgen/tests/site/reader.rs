//! What a reader in a hurry needs, and what the rest of the web needs to know of a page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use scraper::{ElementRef, Selector};

use crate::copy::{Copy, SITE};
use crate::page::{Page, files, paths};

/// The pages of the book itself: neither the one for wrong addresses nor the list of chapters in a frame.
fn chapters(site: &Path) -> Vec<Page> {
    let others = ["404.html", "toc.html"].map(Path::new);
    let paths = paths(site).into_iter().filter(|path| !others.contains(&&**path));
    paths.map(|path| Page::read(site, &path)).collect()
}

/// The chapters of scenarios.
fn lessons() -> Vec<Page> {
    let paths = paths(&SITE.site()).into_iter().filter(|path| path.starts_with("scenarios"));
    paths.map(|path| Page::read(&SITE.site(), &path)).collect()
}

fn page(path: &str) -> Page {
    Page::read(&SITE.site(), Path::new(path))
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

#[test]
fn every_page_has_one_description_and_no_two_pages_the_same() {
    let mut seen = BTreeMap::new();
    for page in chapters(&SITE.site()) {
        let content = |selector| match page.all(selector)[..] {
            [meta] => meta.attr("content").unwrap_or_default().to_owned(),
            _ => panic!("{} has not one {selector}", page.path.display()),
        };
        let description = content("meta[name=description]");
        assert_eq!(description, content("meta[property='og:description']"));
        let letters = description.chars().count();
        assert!((40..=220).contains(&letters), "{}: {description}", page.path.display());
        assert!(!description.contains("{{"), "{}: {description}", page.path.display());
        // The first page has two names.
        if !page.path.ends_with("index.html") || page.path.parent() != Some(Path::new("")) {
            let other = seen.insert(description, page.path.clone());
            assert!(other.is_none(), "{} is described as {other:?} is", page.path.display());
        }
    }
}

#[test]
fn a_book_with_a_host_has_one_address_for_each_page_and_lists_them_all() {
    let copy = Copy::new();
    let host = "https://example.org/book/";
    let repository = "https://example.org/a/repository";
    copy.build_with(&[
        ("MDBOOK_OUTPUT__HTML__SITE_URL", host),
        ("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", repository),
    ])
    .unwrap();
    let mut addresses = BTreeSet::new();
    for page in chapters(&copy.site()) {
        let only = |selector: &str, name: &str| match page.all(selector)[..] {
            [element] => element.attr(name).unwrap_or_default().to_owned(),
            _ => panic!("{} has not one {selector}", page.path.display()),
        };
        let address = only("link[rel=canonical]", "href");
        assert_eq!(only("meta[property='og:url']", "content"), address);
        assert_eq!(only("meta[property='og:image']", "content"), format!("{host}social.png"));
        let path = address.strip_prefix(host).unwrap_or_else(|| panic!("{address} is elsewhere"));
        let path = if path.is_empty() { "index.html" } else { path };
        let is_first = page.path == Path::new("welcome.html") && path == "index.html";
        assert!(is_first || page.path == Path::new(path), "{} says that it is {path}", page.path.display());
        addresses.insert(address);
    }
    let sitemap = fs::read_to_string(copy.site().join("sitemap.xml")).expect("a list of all pages");
    let listed = sitemap.split("<loc>").skip(1).filter_map(|rest| rest.split('<').next());
    assert_eq!(listed.map(str::to_owned).collect::<BTreeSet<_>>(), addresses);
    let guide = fs::read_to_string(copy.site().join("instructor.html")).expect("the instructor's guide");
    assert!(guide.contains(&format!("git clone {repository}")), "the clone has no address");
    // Where nobody knows the address, none is made up.
    assert!(!SITE.site().join("sitemap.xml").exists());
    assert!(page("index.html").all("link[rel=canonical]").is_empty());
}

#[test]
fn every_page_says_under_which_terms_it_is_and_begins_with_a_way_to_its_text() {
    for page in chapters(&SITE.site()) {
        let first = page.all("body a[href], body button, body input, body [tabindex]");
        let skip = first.first().expect("a page has links");
        assert_eq!(skip.attr("href"), Some("#mdbook-content"), "{}", page.path.display());
        assert_eq!(page.all("#mdbook-content main").len(), 1, "{}", page.path.display());
        let [footer] = page.all("footer")[..] else { panic!("{} has not one footer", page.path.display()) };
        let html = footer.inner_html();
        for part in ["rel=\"license\"", "<time datetime=\"20", "https://layer6.ai/"] {
            assert!(html.contains(part), "{}: the footer has no {part}", page.path.display());
        }
    }
}

#[test]
fn parts_of_pages_are_not_in_the_site() {
    for file in files(&SITE.site()) {
        let is_part = ["results", "figures", "made"]
            .iter()
            .any(|folder| file.components().any(|part| part.as_os_str() == *folder));
        let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
        assert!(!is_part || !["html", "md", "diff", "txt"].contains(&end), "{} is no page", file.display());
    }
    assert!(!SITE.site().join("print.html").exists(), "a page with all pages in it");
}

#[test]
fn who_copies_commands_copies_no_prompt() {
    let mut commands = 0;
    for page in chapters(&SITE.site()) {
        for block in page.all("code.language-console") {
            for command in block.select(&Selector::parse(".lab-command").unwrap()) {
                assert!(!text(command).starts_with("$ "), "{}: {}", page.path.display(), text(command));
                commands += 1;
            }
            let shown = text(block);
            assert!(!shown.lines().any(|line| line.starts_with("$ ")), "{}: {shown}", page.path.display());
        }
    }
    assert!(commands > 100, "only {commands} commands");
}

#[test]
fn a_difference_says_what_the_files_say_and_marks_the_words_that_changed() {
    let mut marks = 0;
    for page in lessons() {
        let folder = page.path.parent().expect("a chapter is in a folder");
        let diff =
            fs::read_to_string(SITE.path("").join(folder).join("results/lesson.diff")).expect("a difference");
        let blocks = page.all("pre.lab-diff code");
        let shown = blocks.first().unwrap_or_else(|| panic!("{} has no difference", page.path.display()));
        assert_eq!(text(*shown).trim_end(), diff.trim_end(), "{}", page.path.display());
        marks += page.all("pre.lab-diff mark").len();
    }
    assert!(marks > 30, "only {marks} words are marked");
}

#[test]
fn a_term_leads_to_the_glossary_once_in_a_page_and_says_what_it_means() {
    let mut pages_with_terms = 0;
    for page in chapters(&SITE.site()) {
        let terms = page.all("a.lab-term");
        let mut seen = BTreeSet::new();
        for term in &terms {
            let link = term.attr("href").unwrap_or_default();
            assert!(link.contains("glossary.html#"), "{}: {link}", page.path.display());
            assert!(seen.insert(link), "{} explains {link} twice", page.path.display());
            let says = term.attr("aria-description").unwrap_or_default();
            assert!(
                (10..=400).contains(&says.len()),
                "{}: {} means {says:?}",
                page.path.display(),
                text(*term)
            );
        }
        pages_with_terms += usize::from(!terms.is_empty());
    }
    assert!(pages_with_terms > 30, "only {pages_with_terms} pages lead to the glossary");
}

#[test]
fn the_first_page_begins_with_the_killer_and_its_map_leads_to_sections() {
    let page = page("index.html");
    let headings = page.all("main h2");
    assert_eq!(text(headings[0]).trim(), "Was it the OOM killer?");
    let first = page.all("main pre code")[0];
    let commands: Vec<_> = first.select(&Selector::parse(".lab-command").unwrap()).map(text).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for (command, part) in commands.iter().zip(["dmesg", "memory.events", "whyoom record"]) {
        assert!(command.contains(part), "{command}");
    }
    let mut rows = 0;
    for row in page.all("main tr") {
        let links: Vec<_> = row.select(&Selector::parse("td:last-child a").unwrap()).collect();
        rows += usize::from(!links.is_empty());
        for link in links.first().into_iter().filter_map(|link| link.attr("href")) {
            let is_chapter = link.starts_with("scenarios/");
            assert!(
                !is_chapter || link.contains('#') || text(row).contains("whose it is"),
                "{link} leads to no section"
            );
        }
    }
    assert!(rows > 30, "only {rows} rows lead anywhere");
    let links: Vec<_> = page.all("main a[href]").iter().filter_map(|link| link.attr("href")).collect();
    for page in ["diagnosis.html", "recording.html", "cheat-sheet.html"] {
        assert!(links.contains(&page), "the first page doesn't lead to {page}");
    }
}

#[test]
fn every_lesson_begins_its_evidence_with_the_readers_own_process() {
    for page in lessons() {
        let (_, evidence) = page.text.split_once("id=\"the-evidence\"").expect("a chapter has evidence");
        let (evidence, _) = evidence.split_once("id=\"the-claims\"").expect("claims come after it");
        let place = |part: &str| evidence.find(part);
        let [own, ours] = [place("recording.html"), place("target/release/")];
        assert!(
            own.is_some() && place("diagnosis.html").is_some(),
            "{} leads to no recorder",
            page.path.display()
        );
        assert!(own < ours || ours.is_none(), "{} begins with a program of its own", page.path.display());
    }
}

#[test]
fn a_lesson_has_one_table_of_claims_and_folds_the_comparison() {
    for page in lessons() {
        let (_, claims) = page.text.split_once("id=\"the-claims\"").expect("a chapter has claims");
        let (claims, _) = claims.split_once("<h2").expect("something comes after them");
        assert_eq!(claims.matches("<table class=\"lab-claims\"").count(), 1, "{}", page.path.display());
        for table in page.all("table.lab-claims") {
            let columns = table.select(&Selector::parse("col").unwrap()).count();
            assert_eq!(table.select(&Selector::parse("thead th").unwrap()).count(), columns);
        }
        let folded = page.all("details.lab-data > .table-wrapper > table.lab-claims").len();
        assert_eq!(folded + 1, page.all("table.lab-claims").len(), "{}", page.path.display());
    }
}

#[test]
fn the_samples_of_two_languages_say_whose_each_is() {
    let mut read = 0;
    for page in lessons() {
        let folder =
            SITE.site().join(page.path.parent().expect("a chapter is in a folder")).join("results/figures");
        let Ok(samples) = fs::read_to_string(folder.join("peer.csv")) else { continue };
        let mut lines = samples.lines();
        assert!(
            lines.next().is_some_and(|head| head.starts_with("language,variant,metric,")),
            "{}",
            page.path.display()
        );
        for line in lines {
            assert!(line.starts_with("Python,") || line.starts_with("Rust,"), "{line}");
        }
        read += 1;
    }
    assert!(read > 0, "no samples of two languages");
}

#[test]
fn what_a_tired_reader_types_is_found() {
    let files = files(&SITE.site());
    let index =
        files.iter().find(|file| file.to_string_lossy().starts_with("searchindex")).expect("an index");
    let index = fs::read_to_string(SITE.site().join(index)).expect("it is text");
    let (_, json) = index.split_once("JSON.parse('").expect("an index is JSON");
    let json = json.trim_end().trim_end_matches("'));").replace("\\'", "'").replace("\\\\", "\\");
    let index: serde_json::Value = serde_json::from_str(&json).expect("an index is JSON");
    let places = index["doc_urls"].as_array().expect("the places of all sections");
    for word in ["OOMKilled", "137", "135", "--shm-size", "dmesg", "No space left on device", "Bus error"] {
        let is_found = |place: &str| {
            let sections = places
                .iter()
                .enumerate()
                .filter(|(_, url)| url.as_str().is_some_and(|url| url.starts_with(place)));
            let docs = &index["index"]["documentStore"]["docs"];
            sections
                .into_iter()
                .any(|(at, _)| docs[at.to_string()]["body"].as_str().is_some_and(|body| body.contains(word)))
        };
        for place in ["welcome.html", "cheat-sheet.html"] {
            assert!(is_found(place), "a search for {word} doesn't find {place}");
        }
    }
}

#[test]
fn no_number_is_given_before_it_is_asked_for() {
    for page in lessons() {
        let (before, _) = page.text.split_once("id=\"predict\"").expect("a chapter asks for a prediction");
        let (_, before) = before.split_once("id=\"what-you-see\"").expect("it begins with what is seen");
        for form in page.all("form.lab-predict") {
            let json =
                form.select(&Selector::parse("script.lab-json").unwrap()).next().expect("it has its answer");
            let data: serde_json::Value = serde_json::from_str(&json.inner_html()).expect("JSON");
            let answer = data["text"].as_str().expect("an answer has a text");
            let asks =
                text(form.select(&Selector::parse("legend").unwrap()).next().expect("it has a question"));
            // A plain count may stand there for something else, and so may a size that the question itself names.
            let is_plain = data["kind"] != "number" || data["unit"] == "count" || asks.contains(answer);
            assert!(
                is_plain || !before.contains(answer),
                "{} gives {answer} before it asks",
                page.path.display()
            );
        }
    }
}

#[test]
fn what_a_figure_shows_is_told_behind_its_veil() {
    for page in lessons() {
        let asked: BTreeSet<_> =
            page.all("form.lab-predict[data-fig]").iter().filter_map(|form| form.attr("data-fig")).collect();
        let told = page.all(".lab-fig + .lab-told");
        assert_eq!(told.len(), page.all(".lab-told").len(), "{}", page.path.display());
        for told in told {
            let figure = told.prev_siblings().find_map(ElementRef::wrap).expect("a figure comes before");
            assert!(asked.contains(figure.attr("data-fig").unwrap_or_default()), "nobody asks about it");
        }
        let curve = page.all(".lab-told").len();
        assert!(asked.is_empty() || curve > 0, "{} tells what its figures show", page.path.display());
    }
}
