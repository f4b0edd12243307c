//! What holds for every page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scraper::{ElementRef, Selector};

use crate::copy::{Copy, SITE};
use crate::page::{Page, files, flat, pages};

/// The most bytes of a page with all that a browser loads for it at once, before a server compresses them.
const WEIGHT: u64 = 400 << 10;

/// What all scripts of the figures together must stay below, with their comments.
const SCRIPTS: u64 = 32_000;

#[test]
fn every_link_leads_to_a_file_and_a_place_in_it() {
    let pages = pages(&SITE.site());
    for page in pages.values() {
        for link in page.all("a[href], link[href], area[href]") {
            let link = link.attr("href").unwrap_or_default();
            let Some((file, place)) = page.target(link) else { continue };
            let there = SITE.site().join(&file);
            assert!(there.is_file(), "{} links to {link}: no {}", page.path.display(), file.display());
            let Some((place, other)) = place.zip(pages.get(&file)) else { continue };
            assert!(
                other.ids().contains_key(place.as_str()),
                "{} links to {link}: {} has no such place",
                page.path.display(),
                file.display()
            );
        }
    }
}

#[test]
fn every_picture_script_and_frame_is_there_and_in_the_site() {
    for page in pages(&SITE.site()).values() {
        for element in page.all("img[src], script[src], iframe[src], source[src]") {
            let link = element.attr("src").unwrap_or_default();
            let (file, _) =
                page.target(link).unwrap_or_else(|| panic!("{} loads {link}", page.path.display()));
            assert!(SITE.site().join(&file).is_file(), "{} needs {link}", page.path.display());
        }
        for image in page.all("img") {
            assert!(image.attr("alt").is_some(), "{}: a picture has no alt text", page.path.display());
        }
    }
}

#[test]
fn no_page_shows_what_should_have_been_replaced() {
    for page in pages(&SITE.site()).values() {
        // Code may show how an include is written.
        let code: String = page.all("main code").iter().map(|code| code.inner_html()).collect();
        for mark in ["{{", "ANCHOR:", "ANCHOR_END"] {
            let [all, meant] = [&page.text, &code].map(|text| text.matches(mark).count());
            assert_eq!(all, meant, "{} shows {mark}", page.path.display());
        }
    }
}

#[test]
fn every_figure_has_a_title_a_description_a_table_and_its_samples() {
    let pages = pages(&SITE.site());
    let figures = |page: &Page| page.all("figure.lab-fig").len();
    assert!(pages.values().map(figures).sum::<usize>() > 0, "no page has a figure");
    for page in pages.values() {
        for figure in page.all("figure.lab-fig") {
            let name = format!("{} in {}", figure.attr("data-fig").unwrap_or_default(), page.path.display());
            for part in ["svg > title", "svg > desc", "figcaption", "details table thead th[scope=col]"] {
                let text: String = one(figure, part, &name).text().collect();
                assert!(!text.trim().is_empty(), "{name}: {part} is empty");
            }
            let svg = one(figure, "svg[role=img][viewBox]", &name);
            for data in ["data-box", "data-span", "data-top"] {
                assert!(svg.attr(data).is_some(), "{name}: the picture has no {data}");
            }
            let labels = svg.attr("aria-labelledby").unwrap_or_default();
            let ids = page.ids();
            let known = labels.split_whitespace().filter(|id| ids.contains_key(id)).count();
            assert_eq!(known, 2, "{name}: the picture is labelled by {labels}");
            let data: serde_json::Value =
                serde_json::from_str(&one(figure, "script.lab-json", &name).inner_html()).expect("JSON");
            let (runs, rows) = (data["runs"].as_array().expect("runs"), select(figure, "tbody tr").len());
            assert_eq!(runs.len(), rows, "{name}: the table has a row for each curve");
        }
    }
}

#[test]
fn every_chapter_has_a_diagram_and_every_step_a_picture_and_a_caption() {
    for page in pages(&SITE.site()).values() {
        let diagrams = page.all("figure.lab-steps");
        assert!(
            !page.path.ends_with("chapter.html") || !diagrams.is_empty(),
            "{} has no diagram: describe one in the scenario's diagrams.toml, and include it",
            page.path.display()
        );
        for diagram in diagrams {
            let id = diagram.attr("id").unwrap_or_default();
            let frames = select(diagram, "svg[role][viewBox]");
            for (frame, step) in frames.iter().zip(1..) {
                let name = format!("{id}, step {step}, in {}", page.path.display());
                assert_eq!(frame.attr("data-step"), Some(step.to_string().as_str()), "{name}");
                for part in ["title", "desc"] {
                    let text: String = one(*frame, part, &name).text().collect();
                    assert!(!text.trim().is_empty(), "{name}: {part} is empty");
                }
            }
            let captions = select(diagram, if frames.len() == 1 { "p" } else { "ol > li span" });
            assert_eq!(captions.len(), frames.len(), "{id}: a caption for each picture");
            for caption in captions {
                assert!(!caption.text().collect::<String>().trim().is_empty(), "{id}: a caption is empty");
            }
            if frames.len() > 1 {
                let choices = select(diagram, &format!("input[type=radio][name=\"{id}\"]"));
                assert_eq!(choices.len(), frames.len(), "{id}: a choice for each step");
                assert_eq!(select(diagram, "input[checked]").len(), 1, "{id}: one step is chosen");
            }
        }
    }
}

#[test]
fn every_question_has_its_answer_without_a_script() {
    for page in pages(&SITE.site()).values() {
        for form in page.all("form.lab-predict") {
            let name = form.attr("data-id").unwrap_or_default();
            one(form, "fieldset > legend", name);
            one(form, "button[type=submit]", name);
            let data: serde_json::Value =
                serde_json::from_str(&one(form, "script.lab-json", name).inner_html()).expect("JSON");
            let answer: String = one(form, "details.lab-answer", name).text().collect();
            let text = data["text"].as_str().expect("an answer has a text");
            assert!(answer.contains(text), "{name}: the answer {text} is not in: {answer}");
            if data["kind"] == "choice" {
                let right = format!("input[value=\"{}\"]", data["answer"].as_str().expect("a value"));
                one(form, &right, name);
            }
        }
    }
}

#[test]
fn every_mystery_has_its_answer_without_a_script_and_its_evidence_in_a_file() {
    let pages = pages(&SITE.site());
    let page = &pages[Path::new("mystery.html")];
    let json = page.all(".lab-mysteries > script.lab-json")[0].inner_html();
    let choices: Vec<(String, String)> = serde_json::from_str(&json).expect("names and titles");
    let mysteries = page.all(".lab-mystery");
    assert!(mysteries.len() >= 12);
    let mut answers = BTreeSet::new();
    for mystery in mysteries {
        let number = mystery.attr("data-number").expect("a number");
        one(mystery, ".lab-wide svg[role=img]", number);
        let answer: String = one(mystery, "details.lab-answer strong", number).text().collect();
        let file = format!("mysteries/{number}.js");
        let file = fs::read_to_string(SITE.site().join(&file)).expect(&file);
        let begin = format!("labMystery({number}, ");
        let file = file.strip_prefix(&begin).and_then(|rest| rest.strip_suffix(");\n")).expect("a call");
        let file: serde_json::Value = serde_json::from_str(file).expect("JSON");
        assert_eq!(file["answer"], *answer, "{number}");
        let is_said =
            |name: &str| *name == answer || !file["also"][name].is_null() || !file["not"][name].is_null();
        let unsaid: Vec<_> = choices.iter().filter(|(name, _)| !is_said(name)).collect();
        assert!(unsaid.is_empty(), "{number} doesn't say why it isn't {unsaid:?}");
        let evidence = file["evidence"].as_array().expect("evidence");
        let answered = |evidence: &serde_json::Value| {
            ["lines", "svg", "rows"].iter().any(|part| !evidence[part].is_null())
        };
        assert!(evidence.iter().filter(|evidence| answered(evidence)).count() >= 6, "{number}: {evidence:?}");
        // What is asked must not name what is looked for.
        let all = file["evidence"].to_string();
        for name in choices.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "healthy") {
            assert!(!all.contains(name), "{number}: the evidence has the name {name}");
        }
        assert!(
            !all.contains("labpool") && !all.contains(".py"),
            "{number}: the evidence has a program's name"
        );
        answers.insert(answer);
    }
    let unasked: Vec<_> = choices.iter().filter(|(name, _)| !answers.contains(name)).collect();
    assert!(unasked.is_empty(), "no mystery is {unasked:?}: add one to book/mysteries.toml");
}

#[test]
fn ids_are_unique_in_each_page() {
    for page in pages(&SITE.site()).values() {
        let twice: Vec<_> = page.ids().into_iter().filter(|(_, count)| *count > 1).collect();
        assert!(twice.is_empty(), "{}: {twice:?}", page.path.display());
    }
}

#[test]
fn headings_go_down_one_step_at_a_time() {
    for page in pages(&SITE.site()).values() {
        let mut level = 0;
        for heading in page.all("main h1, main h2, main h3, main h4, main h5, main h6") {
            let next = heading.value().name()[1..].parse::<u32>().expect("a digit");
            let text: String = heading.text().collect();
            assert!(next <= level + 1, "{}: '{text}' is h{next} under h{level}", page.path.display());
            level = next;
        }
    }
}

#[test]
fn every_page_is_light() {
    for page in pages(&SITE.site()).values() {
        let loaded = page.all("link[rel=stylesheet], script[src]");
        let links = loaded.iter().filter_map(|element| element.attr("href").or(element.attr("src")));
        let files: Vec<PathBuf> = links.filter_map(|link| Some(page.target(link)?.0)).collect();
        let size = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
        let linked: u64 = files.iter().map(|file| size(&SITE.site().join(file))).sum();
        let weight = page.text.len() as u64 + linked + fonts(&files);
        assert!(weight <= WEIGHT, "{} weighs {weight} bytes: {files:?}", page.path.display());
    }
}

#[test]
fn the_site_has_no_code_of_scenarios_but_their_results() {
    let files = files(&SITE.site());
    let rubbish: Vec<_> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs" || end == "toml"))
        .collect();
    assert!(rubbish.is_empty(), "{rubbish:?}");
    assert!(files.iter().any(|path| path.ends_with("results/figures/curve.csv")), "no CSV to download");
}

#[test]
fn two_builds_are_the_same_to_the_last_byte() {
    let again = Copy::new();
    again.build().expect("the book can be built again");
    let (one, other) = (files(&SITE.site()), files(&again.site()));
    assert_eq!(one, other);
    for path in one {
        let [one, other] = [&*SITE, &again].map(|copy| fs::read(copy.site().join(&path)).expect("a file"));
        assert!(one == other, "{} differs", path.display());
    }
}

#[test]
fn links_to_edit_a_page_lead_to_its_file() {
    let copy = Copy::new();
    let template = ("MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE", "https://example.org/edit/main/book/{path}");
    copy.build_with(&[template]).unwrap();
    let root = copy.path("").canonicalize().unwrap();
    let mut checked = 0;
    for page in pages(&copy.site()).values() {
        for link in page.all("a[rel=edit]") {
            let link = link.attr("href").unwrap_or_default();
            let file = link.strip_prefix("https://example.org/edit/main/").expect("as the template says");
            // A browser resolves the `..` of an address before it asks for it.
            let file = root.join(flat(Path::new(file)));
            assert!(file.is_file(), "{} is edited at {link}", page.path.display());
            assert_eq!(file, file.canonicalize().unwrap(), "hosts follow no links");
            checked += 1;
        }
    }
    assert!(checked > 0, "no page can be edited");
}

#[test]
fn the_scripts_of_the_figures_are_small() {
    let book = SITE.path("book");
    let config = fs::read_to_string(SITE.path("book/book.toml")).expect("the book has its settings");
    let config: toml::Table = config.parse().expect("mdBook reads it too");
    let scripts = config["output"]["html"]["additional-js"].as_array().expect("the book has scripts");
    let names = scripts.iter().filter_map(|name| name.as_str());
    let sizes: Vec<_> =
        names.map(|name| (name, fs::metadata(book.join(name)).expect("a script").len())).collect();
    let all: u64 = sizes.iter().map(|(_, size)| size).sum();
    assert!(all > 0 && all < SCRIPTS, "the scripts have {all} bytes: {sizes:?}");
}

/// The bytes of the fonts that the style sheets offer for plain, bold and code.
fn fonts(sheets: &[PathBuf]) -> u64 {
    let mut bytes = 0;
    for sheet in sheets.iter().filter(|path| path.extension().is_some_and(|end| end == "css")) {
        let text = fs::read_to_string(SITE.site().join(sheet)).unwrap_or_default();
        for face in text.split("@font-face").skip(1).filter_map(|rest| rest.split('}').next()) {
            let used = ["400", "500", "700"].iter().any(|weight| face.contains(&format!("weight: {weight}")));
            let file = face.split("url('").nth(1).and_then(|rest| rest.split('\'').next());
            if let (true, false, Some(file)) = (used, face.contains("italic"), file) {
                let path = SITE.site().join(sheet).parent().map(|folder| folder.join(file));
                bytes += path.and_then(|path| fs::metadata(path).ok()).map_or(0, |data| data.len());
            }
        }
    }
    bytes
}

fn select<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).expect("the selector is well-formed")).collect()
}

/// The first element that the selector finds within another.
#[track_caller]
fn one<'a>(element: ElementRef<'a>, selector: &str, name: &str) -> ElementRef<'a> {
    *select(element, selector).first().unwrap_or_else(|| panic!("{name} has no {selector}"))
}
