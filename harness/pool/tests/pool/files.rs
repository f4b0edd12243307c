//! How long files stay, and where they go.

use std::fs::read_dir;
use std::path::Path;

use labpool::{Array, Keep, Key, Options, Pool};
use libtest_mimic::Trial;
use tempfile::TempDir;

use crate::tasks::{Sum, all, numbers, options};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_file_goes_when_nobody_wants_its_array_any_more,
        a_file_stays_while_the_program_holds_its_array,
        a_file_stays_while_a_slice_is_known_by_its_buffer,
        a_file_stays_where_the_key_does_not_know_when_its_array_is_gone,
        files_of_results_that_nobody_asks_for_go_too,
        a_file_that_has_room_does_not_spill,
        nothing_is_left_of_a_folder_for_spilled_files,
    ]
}

const LARGE: usize = 1000;

fn pool(key: Key) -> Pool {
    Pool::start(Options { key, keep: Keep::WhileWanted, ..options() }).unwrap()
}

fn files(pool: &Pool) -> usize {
    entries(pool.folder())
}

fn entries(folder: &Path) -> usize {
    read_dir(folder).unwrap().count()
}

fn a_file_goes_when_nobody_wants_its_array_any_more() {
    let mut pool = pool(Key::WeakIdentity);
    let folder = pool.folder().to_owned();
    for (done, sum) in (0..).zip(pool.run::<Sum>((0..50).map(|start| numbers(start, LARGE)))) {
        assert_eq!(sum.unwrap(), f64::from(done) * 1000.0 + 499_500.0);
        assert!(entries(&folder) <= 4, "two workers have two tasks each");
    }
    assert_eq!((files(&pool), pool.files_written()), (0, 50));
}

fn a_file_stays_while_the_program_holds_its_array() {
    let mut pool = pool(Key::WeakIdentity);
    let held = numbers(0, LARGE);
    for _ in 0..3 {
        all(pool.run::<Sum>([held.clone()]));
    }
    assert_eq!((files(&pool), pool.files_written()), (1, 1));
    drop(held);
    all(pool.run::<Sum>([numbers(1, LARGE)]));
    assert_eq!((files(&pool), pool.files_written()), (0, 2));
}

fn a_file_stays_while_a_slice_is_known_by_its_buffer() {
    let mut pool = pool(Key::BufferRange);
    let whole = numbers(0, 2 * LARGE);
    let half = |array: &Array| array.slice(ndarray::s![..LARGE]);
    all(pool.run::<Sum>((0..9).map(|_| half(&whole))));
    assert_eq!((files(&pool), pool.files_written()), (1, 1));
}

fn a_file_stays_where_the_key_does_not_know_when_its_array_is_gone() {
    let mut pool = pool(Key::Content);
    all(pool.run::<Sum>((0..3).map(|start| numbers(start, LARGE))));
    assert_eq!((files(&pool), pool.files_written()), (3, 3));
}

fn files_of_results_that_nobody_asks_for_go_too() {
    let keep = Keep::WhileWanted;
    let mut pool = Pool::start(Options { workers: 1, keep, ..options() }).unwrap();
    pool.run::<Sum>((0..50).map(|start| numbers(start, LARGE))).next().unwrap().unwrap();
    // The one worker answers in turn, so what is left of the run above comes first.
    all(pool.run::<Sum>([numbers(0, LARGE)]));
    assert_eq!(files(&pool), 0);
}

fn a_file_that_has_room_does_not_spill() {
    let spill = TempDir::new().unwrap();
    let mut pool = Pool::start(Options { spill: Some(spill.path().into()), ..options() }).unwrap();
    all(pool.run::<Sum>([numbers(0, LARGE)]));
    assert_eq!((files(&pool), pool.files_spilled()), (1, 0));
}

fn nothing_is_left_of_a_folder_for_spilled_files() {
    let spill = TempDir::new().unwrap();
    let pool = Pool::start(Options { spill: Some(spill.path().into()), ..options() }).unwrap();
    assert_eq!(entries(spill.path()), 1, "the folder is there from the beginning");
    drop(pool);
    assert_eq!(entries(spill.path()), 0);
}
