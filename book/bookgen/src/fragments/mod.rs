//! What pages include: figures, tables and numbers, made from the records.
//!
//! They are made as a whole, in memory. `bookgen fragments` writes what differs, and `bookgen build`
//! refuses to go on while anything does.

mod claims;
mod costs;
mod csv;
mod diagram;
pub(crate) mod figure;
mod handout;
mod lesson;
pub(crate) mod markdown;
mod mystery;
mod numbers;
pub(crate) mod page;
mod peer;
mod predict;
mod sweep;
mod tables;
pub(crate) mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::includes;
use crate::workbook::Workbook;
use figure::Placed;
use lesson::Pair;

/// The files that are made, relative to the repository.
type Fragments = BTreeMap<PathBuf, String>;

/// What writes the fragments.
const REMEDY: &str = "cargo run --profile workshop --package bookgen -- fragments";

/// Writes the fragments that differ from those on the disk, deletes those that nothing makes any
/// more, and returns the paths of both.
///
/// # Errors
///
/// Lists includes that lead nowhere, or names the file that can't be written.
pub(crate) fn write(workbook: &Workbook) -> Result<Vec<PathBuf>> {
    let made = made(workbook)?;
    let mut changed = Vec::new();
    for (path, text) in &made {
        let file = workbook.root.join(path);
        if fs::read_to_string(&file).ok().as_ref() != Some(text) {
            let folder = file.parent().unwrap_or(&workbook.root);
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            fs::write(&file, text).with_context(|| file.display().to_string())?;
            changed.push(path.clone());
        }
    }
    for path in left_over(workbook, &made) {
        fs::remove_file(workbook.root.join(&path)).with_context(|| path.display().to_string())?;
        changed.push(path);
    }
    Ok(changed)
}

/// Checks that the fragments on the disk are those that would be made now.
///
/// # Errors
///
/// Lists those that are missing or stale, and says what to type.
pub(crate) fn check(workbook: &Workbook) -> Result<()> {
    let made = made(workbook)?;
    let mut wrong = Vec::new();
    for (path, text) in &made {
        match fs::read_to_string(workbook.root.join(path)) {
            Ok(there) if there == *text => {}
            Ok(there) => {
                let same = there.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
                wrong.push(format!("{}:{} is stale", path.display(), same + 1));
            }
            Err(_) => wrong.push(format!("{} is missing", path.display())),
        }
    }
    wrong.extend(left_over(workbook, &made).iter().map(|path| format!("{} is left over", path.display())));
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("fragments do not fit the records. To make them again, type: {REMEDY}\n  {}", wrong.join("\n  "))
}

fn made(workbook: &Workbook) -> Result<Fragments> {
    let mut made = Fragments::new();
    for lesson in &workbook.lessons {
        let results = lesson.results();
        made.insert(results.join("claims.md"), claims::table(&lesson.verdicts)?);
        made.insert(results.join("lesson.diff"), Pair::of(&workbook.root, lesson)?.diff());
        if !lesson.scenario.costs.is_empty() {
            made.insert(results.join("costs.md"), costs::table(lesson));
        }
        if let Some(theirs) = &lesson.peer {
            made.insert(results.join("peer.md"), peer::tables(theirs)?);
        }
        if !lesson.scenario.questions.is_empty() {
            made.insert(results.join("predict.html"), predict::forms(lesson)?);
        }
    }
    for Placed { figure, folder, link } in figure::placed(workbook)? {
        let id = link.rsplit('/').next().unwrap_or(&link).to_owned();
        made.insert(folder.join(&id), csv::of(&figure));
        made.insert(folder.join(&id).with_extension("html"), page::html(&figure, &link)?);
    }
    for (path, html) in diagram::all(workbook)? {
        if made.insert(path.clone(), html).is_some() {
            bail!("a figure and a diagram are both called {}", path.display());
        }
    }
    made.extend(sweep::all(workbook)?);
    made.extend(tables::all(workbook)?);
    made.extend(mystery::all(workbook)?);
    made.insert("book/src/made/units.html".into(), page::units()?);
    // The numbers first, since they say where in the prose a wrong name stands; pages include handouts too.
    made.insert(HANDOUTS.into(), String::new());
    made.extend(numbers(workbook, &made)?);
    made.insert(HANDOUTS.into(), handout::all(workbook)?);
    Ok(made)
}

/// The handouts of all scenarios.
const HANDOUTS: &str = "book/src/made/handouts.md";

/// The numbers that the prose includes; checks on the way that every include leads somewhere.
fn numbers(workbook: &Workbook, made: &Fragments) -> Result<Fragments> {
    let mut wrong = Vec::new();
    let mut used: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for include in includes::of(&workbook.prose) {
        let place = format!("{}:{}", include.file.display(), include.line);
        let of =
            workbook.lessons.iter().find(|lesson| include.target == lesson.results().join("numbers.txt"));
        match (of, &include.part) {
            (Some(lesson), Some(name)) => match numbers::number(lesson, name) {
                Ok(text) => drop(used.entry(&lesson.scenario.slug).or_default().insert(name.clone(), text)),
                Err(why) => wrong.push(format!("{place}: {name}: {why}")),
            },
            (Some(_), None) => {
                wrong.push(format!("{place}: which number? Write numbers.txt:NAME"));
            }
            (None, _) if made.contains_key(&include.target) => {}
            (None, _)
                if is_made(workbook, &include.target) || !workbook.root.join(&include.target).is_file() =>
            {
                wrong.push(format!("{place}: {}", unknown_name(&include.target, made)));
            }
            (None, _) => {}
        }
    }
    if !wrong.is_empty() {
        bail!("what the prose includes is not there\n  {}", wrong.join("\n  "));
    }
    let file = |(slug, numbers): (&str, BTreeMap<String, String>)| {
        let lesson = workbook.lesson(slug).expect("it was found above");
        (lesson.results().join("numbers.txt"), numbers::file(&numbers))
    };
    Ok(used.into_iter().map(file).collect())
}

/// The answer to an include of a file that neither is there nor is made.
fn unknown_name(target: &Path, made: &Fragments) -> String {
    let folder = target.parent();
    let siblings: BTreeSet<_> =
        made.keys().filter(|path| path.parent() == folder).filter_map(|path| path.file_name()).collect();
    let siblings: Vec<_> = siblings.iter().map(|name| name.to_string_lossy()).collect();
    match siblings.is_empty() {
        true => format!("there is no {}", target.display()),
        false => format!("there is no {}; what is there: {}", target.display(), siblings.join(", ")),
    }
}

/// Files in folders of fragments that are no longer made.
fn left_over(workbook: &Workbook, made: &Fragments) -> Vec<PathBuf> {
    let folders = folders(workbook).into_iter().filter_map(|folder| {
        let entries = workbook.root.join(&folder).read_dir().ok()?;
        Some(entries.flatten().map(move |entry| folder.join(entry.file_name())))
    });
    let mut files: Vec<PathBuf> = folders.flatten().filter(|path| !made.contains_key(path)).collect();
    files.sort();
    files
}

fn is_made(workbook: &Workbook, path: &Path) -> bool {
    folders(workbook).iter().any(|folder| path.parent() == Some(folder))
}

/// The folders that hold nothing but fragments.
fn folders(workbook: &Workbook) -> Vec<PathBuf> {
    let general = ["book/src/figures", "book/src/made", mystery::FOLDER].map(PathBuf::from);
    let lessons = workbook.lessons.iter().map(|lesson| lesson.results().join("figures"));
    general.into_iter().chain(lessons).collect()
}
