//! The reader's own runs in the built pages.

use std::fs;
use std::os::unix::fs::symlink;

use crate::copy::Copy;
use crate::page::pages;

/// A record of the reader's, with these texts in the place of the variant's kernel.
fn run(copy: &Copy, kernel: &str) {
    let text = fs::read_to_string(copy.path("scenarios/slice-dup/results/broken.jsonl")).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let mut head: serde_json::Value = serde_json::from_str(head).unwrap();
    head["header"]["machine"]["kernel"] = kernel.into();
    let folder = copy.path("target/lab/slice-dup/20260101T000000Z");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("broken.jsonl"), format!("{head}\n{rest}")).unwrap();
    let _ = symlink("20260101T000000Z", copy.path("target/lab/slice-dup/latest"));
}

#[test]
fn an_own_run_is_drawn_over_the_reference_with_both_stamps() {
    let copy = Copy::new();
    run(&copy, "Linux of my own");
    copy.build().unwrap();
    let page = "scenarios/slice-dup/chapter.html";
    let pages = pages(&copy.site());
    let page = &pages[std::path::Path::new(page)];
    let figures = page.all("figure[data-fig=\"slice-dup/curve\"]");
    let [figure] = figures.as_slice() else { panic!("one figure of this name") };
    let text: String = figure.text().collect();
    assert!(text.contains("your broken") && text.contains("Linux of my own") && text.contains("Recorded "));
    let link = page.all("figure figcaption a[href]")[0].attr("href").unwrap();
    let (file, _) = page.target(link).unwrap();
    assert!(copy.site().join(file).is_file(), "{link} leads nowhere");
    let json = page.all("figure[data-fig=\"slice-dup/curve\"] script.lab-json")[0].inner_html();
    let data: serde_json::Value = serde_json::from_str(&json).unwrap();
    let own = |run: &&serde_json::Value| run["own"] == true;
    assert_eq!(data["runs"].as_array().unwrap().iter().filter(own).count(), 1);
}

#[test]
fn texts_of_a_record_are_texts_in_the_page() {
    let copy = Copy::new();
    run(&copy, "</script></figure><img src=x onerror=alert(1)>{{x}}{{#include chapter.md}}\"'&");
    copy.build().unwrap();
    let pages = pages(&copy.site());
    let page = &pages[std::path::Path::new("scenarios/slice-dup/chapter.html")];
    assert!(page.all("img[src=x], [onerror]").is_empty(), "a text became an element");
    let figure = page.all("figure[data-fig=\"slice-dup/curve\"]")[0];
    let text: String = figure.text().collect();
    let shown = "<img src=x onerror=alert(1)>{{x}}{{#include chapter.md}}";
    assert!(text.contains(shown), "the text is shown as it is: {text}");
}

#[test]
fn a_run_that_can_not_be_read_is_left_out() {
    let copy = Copy::new();
    run(&copy, "Linux");
    fs::write(copy.path("target/lab/slice-dup/20260101T000000Z/broken.jsonl"), "no record\n").unwrap();
    copy.build().unwrap();
    let page = fs::read_to_string(copy.site().join("scenarios/slice-dup/chapter.html")).unwrap();
    assert!(!page.contains("your broken"));
}

#[test]
fn the_fragments_know_nothing_of_own_runs() {
    let copy = Copy::new();
    run(&copy, "Linux of my own");
    copy.fragments().unwrap();
    let fragment = fs::read_to_string(copy.path("scenarios/slice-dup/results/figures/curve.html")).unwrap();
    assert!(!fragment.contains("Linux of my own"));
}
