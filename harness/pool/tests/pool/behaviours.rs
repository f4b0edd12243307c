//! What the tests of joblib's own pool ask for, as `behaviours.toml` lists it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use labpool::{Array, Options, Pool};
use libtest_mimic::Trial;
use ndarray::{Array1, ArrayD, Ix1, Ix2, Ix4, IxDyn, s};
use tempfile::TempDir;

use crate::tasks::{Echo, File, Keep, Panic, Sum, THRESHOLD, all, numbers, options, pool};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_mapped_array_and_its_views_travel_without_a_file,
        slices_on_any_axis_of_a_mapped_array_arrive_as_they_are,
        an_offset_that_is_no_whole_page_is_kept,
        an_offset_of_many_pages_is_kept,
        a_table_on_a_mapped_row_of_numbers_keeps_its_order,
        a_task_that_never_lets_go_of_an_array_does_not_keep_the_folder,
        a_mapped_slice_can_be_returned_again_and_again,
        an_array_that_a_task_returns_belongs_to_the_parent,
        each_pool_has_a_folder_of_its_own,
        runs_of_one_pool_share_its_folder_and_its_files,
        pools_on_two_threads_have_a_folder_each,
        pools_on_two_threads_fail_each_for_itself,
        five_runs_on_one_array_write_one_file,
        an_array_above_the_threshold_is_written_once_for_many_tasks,
        an_array_at_the_threshold_travels_in_the_message,
        a_task_that_panics_leaves_no_files_behind,
        without_a_threshold_nothing_is_written,
        a_large_enough_dev_shm_is_used,
        a_too_small_dev_shm_is_not_used,
        an_explicit_folder_wins,
        a_relative_folder_is_one_of_the_programs_own_folder,
        only_the_owner_can_read_folder_and_files,
        a_file_holds_the_numbers_and_nothing_else,
        arrays_anywhere_in_the_arguments_are_handed_over,
        a_hundred_short_lived_arrays_arrive_with_their_own_numbers,
        files_are_there_until_the_pool_is_gone,
    ]
}

const LARGE: usize = 2 * THRESHOLD;

/// A mapped array, and the folder that holds its file.
fn mapped(len: usize) -> (Array, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("numbers");
    numbers(0, len).write_file(&path).unwrap();
    (Array::map_file(&path, 0, Ix1(len)).unwrap(), folder)
}

/// Sends arrays through a worker and back.
#[track_caller]
fn arrive_as_they_are(arrays: Vec<Array<IxDyn>>) {
    let mut pool = pool();
    let back = all(pool.run::<Echo>(arrays.clone()));
    for (back, sent) in back.iter().zip(&arrays) {
        assert_eq!(back.view(), sent.view());
        assert_eq!(back.file(), None, "what comes back is owned");
    }
    assert_eq!((back.len(), pool.files_written()), (arrays.len(), 0));
}

fn names(folder: &Path) -> HashSet<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn a_mapped_array_and_its_views_travel_without_a_file() {
    let (array, _folder) = mapped(LARGE);
    let half = array.slice(s![LARGE / 2..]);
    let table = array.rearranged(|view| view.into_shape_with_order((LARGE / 8, 8)).unwrap());
    assert_eq!((half.file(), table.file()), (array.file(), array.file()));
    let sent = [array.clone(), half];
    let mut pool = pool();
    assert_eq!(all(pool.run::<File>(sent)), vec![array.file().map(PathBuf::from); 2]);
    let turned = table.rearranged(|view| view.reversed_axes());
    arrive_as_they_are(vec![
        table.rearranged(|view| view.into_dyn()),
        turned.rearranged(|view| view.into_dyn()),
        array.slice(s![0..0]).rearranged(|view| view.into_dyn()),
    ]);
    // A sum of two arrays is an ordinary array, and written like any other.
    let double = Array::from(&array.view() + &array.view());
    assert_eq!(double.file(), None);
    all(pool.run::<Sum>([double]));
    assert_eq!(pool.files_written(), 1);
}

fn slices_on_any_axis_of_a_mapped_array_arrive_as_they_are() {
    let (array, _folder) = mapped(5 * 6 * 7 * 8);
    let path = array.file().unwrap();
    let block = Array::map_file(path, 0, Ix4(5, 6, 7, 8)).unwrap();
    arrive_as_they_are(vec![
        block.slice(s![1..3, .., .., ..]).rearranged(|view| view.into_dyn()),
        block.slice(s![.., 1..3, .., ..]).rearranged(|view| view.into_dyn()),
        block.slice(s![.., .., ..;2, ..]).rearranged(|view| view.into_dyn()),
        block.slice(s![.., .., .., 3..;-1]).rearranged(|view| view.into_dyn()),
        block.slice(s![..;-1, 2, ..;-3, ..;2]).rearranged(|view| view.into_dyn()),
        block.rearranged(|view| view.reversed_axes().into_dyn()),
    ]);
}

fn an_offset_that_is_no_whole_page_is_kept() {
    let (array, _folder) = mapped(5000);
    let path = array.file().unwrap();
    for offset in [1, 511, 512, 513, 4000] {
        let part = Array::map_file(path, offset * 8, Ix1(900)).unwrap();
        assert_eq!(part.view(), array.view().slice(s![offset as usize..offset as usize + 900]));
        arrive_as_they_are(vec![
            part.rearranged(|view| view.into_dyn()),
            part.slice(s![7..;3]).rearranged(|view| view.into_dyn()),
            part.slice(s![7..;-3]).rearranged(|view| view.into_dyn()),
        ]);
    }
    assert!(Array::map_file(path, 3, Ix1(1)).is_err(), "a number begins at a multiple of 8 bytes");
    assert!(Array::map_file(path, 8, Ix1(5000)).is_err(), "beyond the end there is only SIGBUS");
}

fn an_offset_of_many_pages_is_kept() {
    let (array, _folder) = mapped(1 << 18);
    let end = array.slice(s![-10..]);
    arrive_as_they_are(vec![end.rearranged(|view| view.into_dyn())]);
}

fn a_table_on_a_mapped_row_of_numbers_keeps_its_order() {
    let (array, _folder) = mapped(LARGE);
    let table = array.rearranged(|view| view.into_shape_with_order(Ix2(LARGE / 4, 4)).unwrap());
    let mut pool = pool();
    let back = all(pool.run::<Echo>([table.rearranged(|view| view.into_dyn())]));
    assert_eq!(back[0].view()[[1, 0]], 4.0, "row by row");
    assert_eq!(back[0].view(), table.view().into_dyn());
}

fn a_task_that_never_lets_go_of_an_array_does_not_keep_the_folder() {
    let mut pool = pool();
    all(pool.run::<Keep>([numbers(0, LARGE), numbers(1, LARGE)]));
    let folder = pool.folder().to_owned();
    drop(pool);
    assert!(!folder.exists());
}

fn a_mapped_slice_can_be_returned_again_and_again() {
    let array = numbers(0, LARGE).rearranged(|view| view.into_dyn());
    let mut pool = pool();
    for back in all(pool.run::<Echo>((0..30).map(|_| array.clone()))) {
        assert_eq!(back.view(), array.view());
    }
    assert_eq!(pool.files_written(), 1);
}

fn an_array_that_a_task_returns_belongs_to_the_parent() {
    let mut pool = pool();
    let sent = numbers(0, LARGE).rearranged(|view| view.into_dyn());
    let back = all(pool.run::<Echo>([sent.clone()])).remove(0);
    drop(pool);
    assert_eq!((back.file(), back.view()), (None, sent.view()));
}

fn each_pool_has_a_folder_of_its_own() {
    assert_ne!(pool().folder(), pool().folder());
}

fn runs_of_one_pool_share_its_folder_and_its_files() {
    let mut pool = pool();
    let array = numbers(0, LARGE);
    let first = all(pool.run::<File>([array.clone()]));
    let second = all(pool.run::<File>([array]));
    assert_eq!(first, second);
    assert_eq!(names(pool.folder()), first.into_iter().flatten().collect());
}

fn pools_on_two_threads_have_a_folder_each() {
    let work = || {
        let mut pool = pool();
        all(pool.run::<Sum>((0..20).map(|start| numbers(start, LARGE))));
        assert_eq!(names(pool.folder()).len(), 20);
        pool.folder().to_owned()
    };
    let folders: HashSet<PathBuf> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(folders.len(), 2);
    assert!(folders.iter().all(|folder| !folder.exists()));
}

fn pools_on_two_threads_fail_each_for_itself() {
    let good = || all(pool().run::<Sum>((0..20).map(|start| numbers(start, LARGE)))).len();
    let bad = || pool().run::<Panic>((0..20).map(|start| numbers(start, LARGE))).count();
    std::thread::scope(|scope| {
        let (good, bad) = (scope.spawn(good), scope.spawn(bad));
        assert_eq!((good.join().unwrap(), bad.join().unwrap()), (20, 1));
    });
}

fn five_runs_on_one_array_write_one_file() {
    let mut pool = pool();
    let array = numbers(0, LARGE);
    for _ in 0..5 {
        assert_eq!(all(pool.run::<Sum>([array.clone(), array.clone()])), [array.view().sum(); 2]);
    }
    assert_eq!(pool.files_written(), 1);
}

fn an_array_above_the_threshold_is_written_once_for_many_tasks() {
    let mut pool = pool();
    let above = numbers(0, THRESHOLD / 8 + 1);
    let files: HashSet<_> = all(pool.run::<File>((0..30).map(|_| above.clone()))).into_iter().collect();
    assert_eq!((files.len(), pool.files_written()), (1, 1));
    assert!(files.iter().flatten().next().unwrap().starts_with(pool.folder()));
    assert_eq!(pool.bytes_written(), THRESHOLD as u64 + 8);
}

fn an_array_at_the_threshold_travels_in_the_message() {
    let mut pool = pool();
    let at = numbers(0, THRESHOLD / 8);
    assert_eq!(all(pool.run::<File>([at.clone()])), [None]);
    assert_eq!(all(pool.run::<Sum>([at.clone()])), [at.view().sum()]);
    assert_eq!((pool.files_written(), pool.bytes_written()), (0, 0));
}

fn a_task_that_panics_leaves_no_files_behind() {
    let mut pool = pool();
    let folder = pool.folder().to_owned();
    assert!(pool.run::<Panic>([numbers(0, LARGE)]).next().unwrap().is_err());
    assert_eq!(names(&folder).len(), 1);
    drop(pool);
    assert!(!folder.exists());
}

fn without_a_threshold_nothing_is_written() {
    let mut pool = Pool::start(Options { threshold: None, ..options() }).unwrap();
    assert_eq!(all(pool.run::<File>([numbers(0, 1 << 16)])), [None]);
    assert_eq!(pool.files_written(), 0);
}

fn a_large_enough_dev_shm_is_used() {
    let mut pool = Pool::start(Options { folder: None, shm_minimum: 0, ..options() }).unwrap();
    let folder = pool.folder().to_owned();
    assert!(folder.to_str().unwrap().starts_with("/dev/shm/labpool-"));
    let (one, two) = (numbers(0, LARGE), numbers(1, LARGE));
    all(pool.run::<Sum>((0..10).map(|_| one.clone())));
    assert_eq!(names(&folder).len(), 1);
    all(pool.run::<Sum>([two]));
    assert_eq!(names(&folder).len(), 2);
    drop(pool);
    assert!(!folder.exists());
}

fn a_too_small_dev_shm_is_not_used() {
    let pool = Pool::start(Options { folder: None, shm_minimum: u64::MAX, ..options() }).unwrap();
    assert_eq!(pool.folder().parent(), Some(std::env::temp_dir().as_path()));
}

fn an_explicit_folder_wins() {
    let mine = TempDir::new().unwrap();
    let folder = Some(mine.path().to_owned());
    let pool = Pool::start(Options { folder, shm_minimum: 0, ..options() }).unwrap();
    assert_eq!(pool.folder().parent(), Some(mine.path()));
}

fn a_relative_folder_is_one_of_the_programs_own_folder() {
    let mine = TempDir::new().unwrap();
    let root = std::env::current_dir().unwrap().components().skip(1).map(|_| "..").collect::<PathBuf>();
    let relative = root.join(mine.path().strip_prefix("/").unwrap());
    let mut pool = Pool::start(Options { folder: Some(relative.clone()), ..options() }).unwrap();
    numbers(0, 3).write_file(relative.join("numbers")).unwrap();
    let mapped = Array::map_file(relative.join("numbers"), 0, Ix1(3)).unwrap();
    let file = all(pool.run::<File>([mapped])).remove(0).unwrap();
    for path in [pool.folder(), &file] {
        assert!(path.is_absolute(), "{}", path.display());
        assert_eq!(
            path.canonicalize().unwrap().parent(),
            Some(mine.path().canonicalize().unwrap().as_path())
        );
    }
}

fn only_the_owner_can_read_folder_and_files() {
    use std::os::unix::fs::PermissionsExt;
    let mut pool = pool();
    let file = all(pool.run::<File>([numbers(0, LARGE)])).remove(0).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(pool.folder()), mode(&file)), (0o700, 0o600));
}

fn a_file_holds_the_numbers_and_nothing_else() {
    let mut pool = pool();
    let array = numbers(7, LARGE);
    let file = all(pool.run::<File>([array.clone()])).remove(0).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len(), LARGE as u64 * 8);
    assert_eq!(Array::map_file(&file, 0, Ix1(LARGE)).unwrap().view(), array.view());
}

fn arrays_anywhere_in_the_arguments_are_handed_over() {
    use crate::tasks::{Fold, Folds};
    let fold =
        |start| Fold { name: format!("fold {start}"), parts: vec![numbers(start, LARGE), numbers(start, 3)] };
    let mut pool = pool();
    let files = all(pool.run::<Folds>([vec![fold(0), fold(1)]])).remove(0);
    assert_eq!(files.iter().map(|(_, file)| file.is_some()).collect::<Vec<_>>(), [true, false, true, false]);
    assert_eq!(files[2].0, "fold 1");
    assert_eq!(pool.files_written(), 2);
}

fn a_hundred_short_lived_arrays_arrive_with_their_own_numbers() {
    let fresh = |start| Array1::from_elem(LARGE, f64::from(start));
    let back = all(pool().run::<Echo>((0..100).map(|start| Array::from(fresh(start).into_dyn()))));
    for (start, back) in (0..).zip(back) {
        assert_eq!(back.view(), ArrayD::from(fresh(start).into_dyn()).view());
    }
}

fn files_are_there_until_the_pool_is_gone() {
    let mut pool = pool();
    let folder = pool.folder().to_owned();
    all(pool.run::<Sum>((0..10).map(|start| numbers(start, LARGE))));
    assert_eq!(names(&folder).len(), 10, "nobody wants them any more, but here they are");
    drop(pool);
    assert!(!folder.exists());
}
