//! Tries the built book in a real browser: each page, in light and dark, from a disk and from a
//! server, with and without scripts, by mouse, keys and on paper.
//!
//! What is done with a page stands in book/tests/cases.mjs; what figures must say is asked of the
//! records here. Where node, its packages or Chromium are missing, each trial is ignored and says so.

mod book;
mod driver;
mod truth;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

use book::Book;
use lab::record::Record;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let book = Arc::new(Book::build());
    libtest_mimic::run(&Arguments::from_args(), trials(&book)).exit_code()
}

/// What is asked of a page, and what must hold of the answer.
type Test = fn(&Book, &str) -> Result<(), Failed>;

fn trials(book: &Arc<Book>) -> Vec<Trial> {
    let trial = |page: &str, (name, test): (&str, Test)| {
        let (book, page) = (Arc::clone(book), page.to_owned());
        Trial::ignorable_test(format!("{page}::{name}"), move || match book.driver() {
            Ok(_) => test(&book, &page).map(|()| Completion::Completed),
            Err(why) => Ok(Completion::ignored_with(why)),
        })
    };
    let pages = book.pages();
    let of_pages = pages.iter().flat_map(|page| {
        let has_figures = book.text(page).contains("lab-fig");
        let on_disk: &[_] = if page == "404.html" { &[] } else { ON_DISK };
        let of_figures: &[_] = match page.as_str() {
            // It shows what the other pages show.
            "print.html" => &OF_FIGURES[..2],
            "handouts.html" => OF_HANDOUTS,
            _ if has_figures => OF_FIGURES,
            _ => &[],
        };
        [OF_EVERY_PAGE, on_disk, of_figures].concat().into_iter().map(|test| trial(page, test))
    });
    let example = book.example();
    of_pages.chain(OF_AN_EXAMPLE.iter().map(|test| trial(&example, *test))).collect()
}

const OF_EVERY_PAGE: &[(&str, Test)] = &[
    ("every_rule_of_access_holds_in_light", |book, page| book.axe(page, "light")),
    ("every_rule_of_access_holds_in_navy", |book, page| book.axe(page, "navy")),
    ("a_server_is_asked_for_nothing_else", |book, page| book.quiet(page, &book.served())),
    ("it_fits_a_phone", |book, page| book.on_phone(page)),
];

/// Not of the page for wrong addresses, whose links begin at the root of a server.
const ON_DISK: &[(&str, Test)] =
    &[("a_disk_is_asked_for_nothing_else", |book, page| book.quiet(page, &book.on_disk()))];

const OF_FIGURES: &[(&str, Test)] = &[
    ("figures_and_answers_need_no_scripts", |book, page| {
        book.see("without_scripts", page, json!({ "scripts": false })).map(drop)
    }),
    ("it_can_be_printed", |book, page| book.see("print", page, json!({})).map(drop)),
    ("figures_say_what_the_records_hold", readings),
];

const OF_HANDOUTS: &[(&str, Test)] =
    &[("each_handout_is_one_sheet_of_paper", |book, page| book.see("sheets", page, json!({})).map(drop))];

const OF_AN_EXAMPLE: &[(&str, Test)] = &[
    ("every_rule_of_access_holds_in_rust", |book, page| book.axe(page, "rust")),
    ("every_rule_of_access_holds_in_coal", |book, page| book.axe(page, "coal")),
    ("every_rule_of_access_holds_in_ayu", |book, page| book.axe(page, "ayu")),
    ("who_will_not_guess_is_shown_the_curve", |book, page| {
        book.see("shown_on_request", page, json!({})).map(drop)
    }),
    ("arrow_keys_in_a_figure_turn_no_page", |book, page| book.see("arrow_keys", page, json!({})).map(drop)),
    ("the_sidebar_opens_by_keys", |book, page| book.see("sidebar", page, json!({})).map(drop)),
    ("curves_are_switched_off_and_on", |book, page| book.see("switches", page, json!({})).map(drop)),
    ("a_record_of_ones_own_is_drawn", own_record),
    ("what_is_no_record_is_refused_with_the_reason", wrong_records),
    ("a_guess_is_drawn_and_remembered", predictions),
];

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
