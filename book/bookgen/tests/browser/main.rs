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
use lab::model::record::{Record, SCHEMA};
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
        let tests: &[_] = match page.as_str() {
            // The links of the page for wrong addresses begin at the root of a server.
            "404.html" => &[ALL_ON_SERVER],
            "handouts.html" => &[ON_DISK, ON_SERVER, ON_PAPER],
            // The page to be printed shows what the other pages show.
            "print.html" => &[ON_DISK, ON_SERVER],
            _ if has_figures(book, page) => &[ON_DISK, ON_SERVER, WITHOUT_SCRIPTS],
            _ => &[ON_DISK, ON_SERVER],
        };
        tests.iter().map(|test| trial(page, *test))
    });
    let example = book.example();
    of_pages.chain(OF_AN_EXAMPLE.iter().map(|test| trial(&example, *test))).collect()
}

const ON_DISK: (&str, Test) = ("it_is_well_on_a_disk", |book, page| look(book, page, &book.on_disk()));

const ALL_ON_SERVER: (&str, Test) = ("it_is_well_on_a_server", |book, page| look(book, page, &book.served()));

const ON_SERVER: (&str, Test) = ("a_server_is_asked_for_nothing_else", |book, page| {
    book.read(page, &book.served(), &[json!({ "case": "quiet" })]).map(drop)
});

const WITHOUT_SCRIPTS: (&str, Test) = ("figures_and_answers_need_no_scripts", Book::without_scripts);

const ON_PAPER: (&str, Test) =
    ("each_handout_is_one_sheet_of_paper", |book, page| book.see("sheets", page, json!({})).map(drop));

const OF_AN_EXAMPLE: &[(&str, Test)] = &[
    ("every_rule_of_colours_holds_in_all_themes", |book, page| {
        let themes = ["rust", "coal", "ayu"].map(|theme| json!({ "case": "axe", "theme": theme }));
        book.read(page, &book.on_disk(), &themes).map(drop)
    }),
    ("who_will_not_guess_is_shown_the_curve", |book, page| {
        book.see("shown_on_request", page, json!({})).map(drop)
    }),
    ("arrow_keys_in_a_figure_turn_no_page", |book, page| book.see("arrow_keys", page, json!({})).map(drop)),
    ("the_sidebar_opens_by_keys", |book, page| book.see("sidebar", page, json!({})).map(drop)),
    ("curves_are_switched_off_and_on", |book, page| book.see("switches", page, json!({})).map(drop)),
    ("a_record_of_ones_own_is_drawn", own_record),
    ("the_highest_value_of_ones_own_record_is_a_high_water_mark", own_peak),
    ("what_is_no_record_is_refused_with_the_reason", wrong_records),
    ("a_guess_is_drawn_and_remembered", predictions),
];

/// Opens a page once, for opening it is what takes long, and looks at all that does not change it.
///
/// It asks for nothing from elsewhere, can be printed, fits a phone and keeps the rules of access in
/// light and dark. Whatever a figure says at any time is what the record holds.
fn look(book: &Book, page: &str, root: &str) -> Result<(), Failed> {
    let mut cases = vec![json!({ "case": "quiet" })];
    if has_figures(book, page) {
        cases.push(json!({ "case": "print" }));
    }
    cases.extend([json!({ "case": "fits" }), json!({ "case": "axe", "theme": "light" })]);
    if page != "print.html" {
        cases.extend([json!({ "case": "axe", "theme": "navy" }), json!({ "case": "readings" })]);
    }
    let seen = book.read(page, root, &cases)?;
    let readings = cases.iter().zip(seen.as_array().into_iter().flatten());
    for (_, seen) in readings.filter(|(case, _)| case["case"] == "readings") {
        for figure in seen.as_array().into_iter().flatten() {
            truth::check(&book.catalog, figure)?;
        }
    }
    Ok(())
}

fn has_figures(book: &Book, page: &str) -> bool {
    book.text(page).contains("lab-fig")
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
    truth::row(&record, scenario.curve.name, usize::MAX, &seen["time"], row)
}

/// A peak between two samples counts, in the format of today and in the first one, and that of merged samples.
fn own_peak(book: &Book, page: &str) -> Result<(), Failed> {
    let scenario = &book.catalog.scenarios()[0];
    let text = fs::read_to_string(scenario.folder.join("results/fixed.jsonl"))?;
    let (header, _) = text.split_once('\n').ok_or("a record has lines")?;
    let metric = scenario.curve.name;
    let marks = [
        format!(r#"{{"{metric}":[1,1]}},"peaks":{{"{metric}":[1,4095]}}"#),
        format!(r#"{{"{metric}":[1,1],"{metric}_peak":[1,4095]}}"#),
        format!(r#"{{"{metric}":[1,1]}},"lows":{{"{metric}":[1,0]}},"highs":{{"{metric}":[1,4095]}}"#),
    ];
    // What a single process has is none of the run's.
    let other = format!(r#"{{"samples":{{"track":"process 0","t":[1],"columns":{{"{metric}":[8192]}}}}}}"#);
    for columns in marks {
        let samples = format!(r#"{{"samples":{{"track":"processes","t":[1,1],"columns":{columns}}}}}"#);
        let text = format!("{header}\n{other}\n{samples}\n");
        let seen = book.see("own_peak", page, json!({ "name": "own.jsonl", "text": text }))?;
        assert_eq!(seen, "4 KiB", "{columns}");
    }
    Ok(())
}

/// Each file that is no record gets a message that says what is wrong, and where.
fn wrong_records(book: &Book, page: &str) -> Result<(), Failed> {
    let good = fs::read_to_string(book.catalog.scenarios()[0].folder.join("results/fixed.jsonl"))?;
    let (header, _) = good.split_once('\n').ok_or("a record has lines")?;
    let samples = |block: &str| format!("{header}\n{{\"samples\":{block}}}\n");
    let newer = good.replacen(r#""schema":"#, &format!(r#""schema":{},"was":"#, SCHEMA + 1), 1);
    let too_new = format!("Line 1: format {} is newer than this page, which reads {SCHEMA}", SCHEMA + 1);
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
        ("newer.jsonl", newer, 1, &*too_new),
        ("kind.jsonl", format!("{header}\n{{\"<b>\":{{}}}}\n"), 1, "Line 2: this is no line of a record"),
        (
            "other.jsonl",
            samples(r#"{"track":"sample","t":[1],"columns":{"unheard":[1]}}"#),
            1,
            "nothing of what",
        ),
        (
            "short.jsonl",
            samples(r#"{"track":"sample","t":[1,1],"columns":{"tmpfs":[1]}}"#),
            1,
            "Line 2: \"tmpfs\" has not",
        ),
        ("less.jsonl", samples(r#"{"track":"sample","t":[1],"columns":{"tmpfs":[-1]}}"#), 1, "no count"),
        ("text.jsonl", samples(r#"{"track":"sample","t":[1],"columns":{"tmpfs":["1"]}}"#), 1, "no count"),
        (
            "marks.jsonl",
            samples(r#"{"track":"sample","t":[1],"columns":{"tmpfs":[1]},"peaks":{"tmpfs":[1,2]}}"#),
            1,
            "Line 2: \"tmpfs\" has not",
        ),
        (
            "back.jsonl",
            samples(r#"{"track":"sample","t":[5,-2],"columns":{"tmpfs":[1,1]}}"#),
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

/// A guess that is half too high gets that answer.
fn predictions(book: &Book, page: &str) -> Result<(), Failed> {
    let seen = book.see("predictions", page, json!({ "times": 1.5 }))?;
    let verdict = seen["verdict"].as_str().unwrap_or_default();
    assert!(verdict.ends_with("that is 1.5 times too high."), "{verdict}");
    Ok(())
}
