//! Who may use whom in `harness/src`. The data goes one way, and so do the rooms.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{files, is_code, is_of_tests, read, root};

/// The rooms, each with the rooms that it uses. A room may only use rooms above it, so no two can need
/// each other, and a room can be read without those below. A file in a room may have a row of its own.
const ROOMS: &str = "
    name
    model               name
    host::files         model
    host::copy
    host::place         model
    sandbox             name model
    host                name model host::files sandbox
    recorder            name model host::files host::place sandbox
    chart               model
    diagnosis           name model chart
    scenario            model recorder diagnosis
    judge               model scenario
    screen              name chart
    gather              model chart
    store               model screen
    learn               name model scenario judge chart screen
    workbench::program  host::copy sandbox scenario learn
    peer                model sandbox scenario judge workbench::program
    report              name model host::files recorder scenario judge chart diagnosis screen gather peer
    command             name model host::place sandbox host recorder diagnosis screen store report
    workbench           name model host::files sandbox host recorder scenario screen store learn \
                        workbench::program report command
    sweep               model scenario judge chart
    reference           model scenario judge report
    classroom           name model host::copy scenario chart store learn workbench::program report workbench
    cli                 name model host::files sandbox host recorder scenario judge chart diagnosis screen store \
                        learn workbench::program peer report command workbench sweep reference classroom gather
";

#[test]
fn a_room_uses_the_rooms_that_its_row_names_and_no_others() {
    let (source, rooms) = (root().join("harness/src"), rooms());
    let mut wrong = BTreeSet::new();
    let mut used = BTreeSet::new();
    for file in files(&source).into_iter().filter(|file| is_code(file) && !is_of_tests(file)) {
        let module = module(file.strip_prefix(&source).expect("it is below"));
        if ["lib", "main"].contains(&module.join("::").as_str()) {
            continue;
        }
        let Some(Row { room, uses }) = row(&rooms, &module) else {
            wrong.insert(format!("{} is in no room: give its room a row", file.display()));
            continue;
        };
        for other in paths(&read(&file), &module).iter().filter_map(|path| row(&rooms, path)) {
            if other.room != *room && !uses.contains(&other.room) {
                wrong.insert(format!(
                    "{} uses {}, which is not in the row of {room}",
                    file.display(),
                    other.room
                ));
            }
            used.insert((*room, other.room));
        }
    }
    for Row { room, uses } in &rooms {
        let unused = uses.iter().filter(|other| !used.contains(&(*room, **other)));
        wrong.extend(unused.map(|other| format!("{room} does not use {other}: take it from its row")));
    }
    assert!(
        wrong.is_empty(),
        "Code and ROOMS do not agree. Move what two rooms need into one above both; if the direction is \
         right, change the table:\n{}",
        Vec::from_iter(wrong).join("\n")
    );
}

#[test]
fn no_room_uses_a_room_below_its_own() {
    let rooms = rooms();
    for (at, Row { room, uses }) in rooms.iter().enumerate() {
        for other in uses {
            assert!(
                rooms[..at].iter().any(|above| above.room == *other),
                "{room} is allowed to use {other}, which is not above it in ROOMS: that would be a circle"
            );
        }
    }
}

struct Row {
    room: &'static str,
    uses: Vec<&'static str>,
}

fn rooms() -> Vec<Row> {
    let rows = ROOMS.lines().map(str::split_whitespace);
    rows.filter_map(|mut words| Some(Row { room: words.next()?, uses: words.collect() })).collect()
}

/// The row of the room that a path leads to or a file is in: of several, the one with the longest name.
fn row<'a>(rooms: &'a [Row], path: &[String]) -> Option<&'a Row> {
    let path = path.join("::") + "::";
    let rows = rooms.iter().filter(|row| path.starts_with(&format!("{}::", row.room)));
    rows.max_by_key(|row| row.room.len())
}

/// The module of a file: `host::files` for `host/files.rs`, `host` for `host/mod.rs`.
fn module(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    path.iter().map(|part| part.to_string_lossy().into_owned()).filter(|part| part != "mod").collect()
}

/// Every path in a file that begins at the crate, or that leaves the file's room upwards. Braces are
/// opened: `crate::{a, b::c}` is two paths.
fn paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        open(&code[at + "crate::".len()..], &[], &mut paths);
    }
    for (at, _) in code.match_indices("super::") {
        // One in a row of them was counted with the first.
        if code[..at].ends_with("super::") {
            continue;
        }
        let rest = code[at..].trim_start_matches("super::");
        let ups = (code[at..].len() - rest.len()) / "super::".len();
        let above = &module[..module.len().saturating_sub(ups)];
        open(rest, above, &mut paths);
    }
    paths
}

/// The paths that a text begins with, each below `above`.
fn open(text: &str, above: &[String], paths: &mut Vec<Vec<String>>) {
    let Some(inner) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).unwrap_or(text.len());
        let names = text[..end].split("::").filter(|name| !name.is_empty()).map(str::to_owned);
        let path: Vec<String> = above.iter().cloned().chain(names).collect();
        // `super::*` names nothing.
        if path.len() > above.len() {
            paths.push(path);
        }
        return;
    };
    let mut depth = 0;
    let mut begins = true;
    for (at, c) in inner.char_indices() {
        match c {
            '}' if depth == 0 => return,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                open(&inner[at..], above, paths);
                begins = false;
            }
            _ => {}
        }
    }
}
