//! Tries the built book in a real browser: each page, in all themes, from a disk, with and without
//! scripts, by mouse, keys and on paper; and a page of each kind from a server.
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
use lab::diagnosis::{Answer, diagnose};
use lab::model::record::{Record, SCHEMA};
use lab::report::diagnosis;
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
            "handouts.html" | "cheat-sheet.html" => &[ON_DISK, ON_PAPER],
            "index.html" => &[ON_DISK, ON_SERVER],
            _ if has_figures(book, page) => &[ON_DISK, WITHOUT_SCRIPTS],
            _ => &[ON_DISK],
        };
        tests.iter().map(|test| trial(page, *test))
    });
    let example = book.example();
    let of_an_example = OF_AN_EXAMPLE.iter().map(|test| trial(&example, *test));
    let with_scripts_of_their_own = [
        trial("your-record.html", OWN_PAGE),
        trial("your-record.html", FOCUS),
        trial("mystery.html", MYSTERIES),
        trial("mystery.html", FOCUS),
        trial("formats.html", HINTS),
    ];
    of_pages.chain(of_an_example).chain(with_scripts_of_their_own).collect()
}

const ON_DISK: (&str, Test) = ("it_is_well_on_a_disk", |book, page| look(book, page, &book.on_disk()));

const ALL_ON_SERVER: (&str, Test) = ("it_is_well_on_a_server", |book, page| look(book, page, &book.served()));

const ON_SERVER: (&str, Test) = ("a_server_is_asked_for_nothing_else", |book, page| {
    book.read(page, &book.served(), &[json!({ "case": "quiet" })]).map(drop)
});

const WITHOUT_SCRIPTS: (&str, Test) = ("figures_and_answers_need_no_scripts", Book::without_scripts);

const ON_PAPER: (&str, Test) =
    ("each_sheet_is_one_of_paper", |book, page| book.see("sheets", page, json!({})).map(drop));

const OWN_PAGE: (&str, Test) = ("a_record_is_shown_with_the_diagnosis_that_it_ends_with", own_page);

const MYSTERIES: (&str, Test) = ("a_mystery_is_solved_by_keys_and_remembered", mystery);

const FOCUS: (&str, Test) = ("keys_come_to_each_control_and_the_focus_is_seen", |book, page| {
    let seen = book.see("focus", page, json!({ "width": 390, "theme": "navy" }))?;
    assert!(seen["controls"].as_u64() >= Some(9) && seen["kinds"].as_u64() >= Some(5), "{seen}");
    Ok(())
});

const HINTS: (&str, Test) = ("a_wide_table_says_where_it_goes_on", |book, page| {
    let wide = book.see("hints", page, json!({ "width": 390 }))?;
    assert!(wide.as_u64() >= Some(1), "no table is wider than a phone");
    let wide = book.see("hints", page, json!({ "width": 1280 }))?;
    assert_eq!(wide, json!(0), "tables that are too wide for the page");
    Ok(())
});

const OF_AN_EXAMPLE: &[(&str, Test)] = &[
    ON_SERVER,
    ("keys_come_to_each_control_and_the_focus_is_seen", |book, page| {
        book.see("focus", page, json!({ "width": 390, "theme": "light" })).map(drop)
    }),
    ("who_will_not_guess_is_shown_the_curve", |book, page| {
        book.see("shown_on_request", page, json!({})).map(drop)
    }),
    ("arrow_keys_in_a_figure_turn_no_page", |book, page| book.see("arrow_keys", page, json!({})).map(drop)),
    ("commands_are_copied_without_prompts_and_answers", |book, page| {
        book.see("copies", page, json!({})).map(drop)
    }),
    ("terms_are_explained_to_keys_and_fingers", |book, page| book.see("terms", page, json!({})).map(drop)),
    ("the_sidebar_opens_by_keys", |book, page| book.see("sidebar", page, json!({})).map(drop)),
    ("curves_are_switched_off_and_on", |book, page| book.see("switches", page, json!({})).map(drop)),
    ("a_record_of_ones_own_is_drawn", own_record),
    ("the_highest_value_of_ones_own_record_is_a_high_water_mark", own_peak),
    ("what_is_no_record_is_refused_with_the_reason", wrong_records),
    ("a_guess_is_drawn_and_remembered", predictions),
];

/// Opens a page once, for opening it is what takes long, and looks at all that does not change it.
///
/// It asks for nothing from elsewhere, can be printed, fits tablets and phones and keeps the rules of
/// access in all themes. Whatever a figure says at any time is what the record holds.
fn look(book: &Book, page: &str, root: &str) -> Result<(), Failed> {
    let mut cases = vec![json!({ "case": "quiet" })];
    if has_figures(book, page) {
        cases.push(json!({ "case": "print" }));
    }
    if page != "print.html" && book.text(page).contains("lab-figure") {
        cases.push(json!({ "case": "apart", "width": 1280 }));
        cases.push(json!({ "case": "unmoved" }));
        cases.extend([1280, 768, 390].map(|width| json!({ "case": "apart", "width": width })));
    }
    cases.extend([768, 390, 360].map(|width| json!({ "case": "fits", "width": width })));
    let themes =
        ["light", "rust", "coal", "navy", "ayu"].map(|theme| json!({ "case": "axe", "theme": theme }));
    cases.extend(themes.into_iter().chain([json!({ "case": "readings" })]));
    if book.text(page).contains("lab-steps") {
        cases.push(json!({ "case": "diagrams" }));
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
    let time = seen["time"].as_u64().ok_or("the time is no count of microseconds")?;
    truth::row(&record, scenario.curve.name, None, time, row)
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

/// The page for one's own record shows the diagnosis that the recorder wrote, or says which command makes one.
fn own_page(book: &Book, page: &str) -> Result<(), Failed> {
    let path = book.root().join("tests/diagnosis/records/programs/sessions-js.jsonl");
    let text = fs::read_to_string(&path)?;
    let (lines, last) = text.trim_end().rsplit_once('\n').ok_or("a record has lines")?;
    let mut last: Value = serde_json::from_str(last)?;
    last["trailer"]["diagnosis"] = diagnosis::json(&Record::read(&path)?);
    let harm = "<img src=x onerror=window.harm=1>";
    let mut wrong = last.clone();
    let mode = &mut wrong["trailer"]["diagnosis"]["modes"][0];
    (mode["id"], mode["chapter"]) = (harm.into(), "javascript:window.harm=1".into());
    wrong["trailer"]["diagnosis"]["modes"][1] = json!([7, null]);
    let begun = lines.rsplit_once('\n').ok_or("a record has lines")?.0;
    let cases = json!([
        { "name": "own.jsonl", "text": format!("{lines}\n{last}\n") },
        { "name": "wrong.jsonl", "text": format!("{lines}\n{wrong}\n") },
        { "name": "cut short.jsonl", "text": format!("{begun}\n{{\"sam") },
        { "name": "no.jsonl", "text": "no record\n" },
    ]);
    let seen = book.see("own_page", page, json!({ "files": cases }))?;
    let named = diagnose(&Record::read(&path)?);
    let named = named.named().ok_or("its failure is known")?;
    let said = seen[0]["text"].as_str().unwrap_or_default();
    for part in [named.mode.id, named.story.as_deref().unwrap_or_default(), &named.next[0], "exited with 0"] {
        assert!(said.contains(part), "{part}: {}", seen[0]);
    }
    let rules = named.answers.iter().filter_map(|answer| match answer {
        Answer::Seen(quantity) => Some(format!("{}: ", quantity.what.trim_end_matches(" (1 if so)"))),
        Answer::NotSeen(_) | Answer::CouldNotLook(_) => None,
    });
    for rule in rules {
        assert!(said.contains(&rule), "{rule}: {said}");
    }
    let chapter = format!("{}.html", named.mode.chapter);
    assert!(seen[0]["links"].as_array().is_some_and(|links| links.contains(&json!(chapter))), "{seen}");
    for (part, least) in [("curves", 1), ("areas", 2), ("ticks", 3), ("processes", 1)] {
        assert!(seen[0][part].as_u64().is_some_and(|count| count >= least), "{part}: {seen}");
    }
    assert!(seen[0]["moment"].as_str().is_some_and(|when| when.starts_with("At ")), "{seen}");
    assert!(seen[1]["text"].as_str().is_some_and(|text| text.contains(harm)), "{seen}");
    assert_eq!(seen[1]["links"], json!([]), "no other place is linked");
    for command in ["whyoom diagnose 'cut short.jsonl'", "last line is missing"] {
        assert!(seen[2]["text"].as_str().is_some_and(|text| text.contains(command)), "{command}: {seen}");
    }
    assert!(seen[3]["message"].as_str().is_some_and(|text| text.contains("this is not JSON")), "{seen}");
    Ok(())
}

/// A mystery is looked at, asked about and named without a mouse, and the answer is there after a reload.
fn mystery(book: &Book, page: &str) -> Result<(), Failed> {
    let text = book.text(page);
    let answer = |number: usize| {
        let (_, rest) = text.split_once(&format!("id=\"case-{number}\""))?;
        Some(rest.split_once("<strong>")?.1.split_once("</strong>")?.0.to_owned())
    };
    let right = answer(1).ok_or("the first mystery has an answer")?;
    let wrong = ["fork-lock", "thp-bloat"].into_iter().find(|name| answer(2).as_deref() != Some(name));
    let seen = book.see("mystery", page, json!({ "right": right, "wrong": wrong }))?;
    assert!(
        seen["right"].as_str().is_some_and(|said| said.starts_with(&format!("Right: {right}."))),
        "{seen}"
    );
    assert!(seen["wrong"].as_str().is_some_and(|said| said.starts_with("Not so: it isn't ")), "{seen}");
    assert!(seen["wrong"].as_str().is_some_and(|said| said.contains("What speaks against it: ")), "{seen}");
    assert_eq!(seen["counts"], "You asked for 1 of 9.");
    assert_eq!(seen["kept"], json!(["Mystery 1, right", "Mystery 2, wrong"]));
    Ok(())
}
