//! Our answers to the questions of `faithful.rs`; joblib's are in `faithful.py`, in the same order.

use std::path::Path;

use labpool::{Array, Options, Pool};
use ndarray::{Array1, Ix1, Ix4, IxDyn, s};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::faithful::Answers;
use crate::tasks::{Echo, File, Keep, Panic, Sum, THRESHOLD, all, numbers};

/// How many numbers make an array that is surely larger than the threshold.
const LARGE: usize = 2 * THRESHOLD;

/// The answers on the behaviour of this number, by question.
pub(crate) fn answers(number: usize) -> Answers {
    let answers = match number {
        1 => views_of_a_map(),
        2 => slices_of_a_map(),
        3 => offsets(),
        5 => a_view_of_a_map(),
        6 => never_let_go(),
        7 => arrive(vec![dynamic(&numbers(0, LARGE)); 30]),
        8 => returned(Some(THRESHOLD), "the numbers stay"),
        9 => two_sessions(),
        10 => two_calls(),
        11 => two_threads(),
        12 => one_of_two_fails(),
        13 => five_calls(),
        14 => the_threshold(),
        15 => a_failure(),
        16 => no_threshold(),
        17 => a_large_shm(),
        18 => a_small_shm(),
        19 => returned(None, "the numbers arrive"),
        20 => arrive(vec![dynamic(&mapped(1 << 18).0.slice(s![-10..]))]),
        21 => an_explicit_folder(),
        23 => identities(),
        26 => a_table_on_a_map(),
        28 => short_lived(),
        29 => files_of_a_session(),
        _ => panic!("behaviour {number} is not one that can be asked for"),
    };
    let Value::Object(answers) = answers else { unreachable!("answers have names") };
    answers.into_iter().collect()
}

/// A pool and the folder that its own is in.
struct Session {
    pool: Pool,
    parent: TempDir,
}

impl Session {
    fn new(threshold: Option<usize>) -> Self {
        let parent = TempDir::new().unwrap();
        let folder = Some(parent.path().to_owned());
        let pool = Pool::start(Options { threshold, folder, ..Options::default() }).unwrap();
        Session { pool, parent }
    }

    fn start() -> Self {
        Session::new(Some(THRESHOLD))
    }

    fn files(&self) -> usize {
        files(self.pool.folder())
    }

    /// Whether the folder stays when the session ends.
    fn leaves_its_folder(self) -> bool {
        let folder = self.pool.folder().to_owned();
        drop(self.pool);
        folder.exists()
    }
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

fn mapped(len: usize) -> (Array, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("numbers");
    numbers(0, len).write_file(&path).unwrap();
    (Array::map_file(&path, 0, Ix1(len)).unwrap(), folder)
}

fn dynamic<D: ndarray::Dimension>(array: &Array<D>) -> Array<IxDyn> {
    array.rearranged(|view| view.into_dyn())
}

/// Whether arrays come back as they are, and how many files were written for that.
fn arrive(arrays: Vec<Array<IxDyn>>) -> Value {
    let mut session = Session::start();
    let back = all(session.pool.run::<Echo>(arrays.clone()));
    let same = back.iter().zip(&arrays).all(|(back, sent)| back.view() == sent.view());
    json!({ "the numbers arrive": same, "files": session.files() })
}

fn views_of_a_map() -> Value {
    let (array, _folder) = mapped(LARGE);
    let half = array.slice(s![LARGE / 2..]);
    let table = array.rearranged(|view| view.into_shape_with_order((LARGE / 8, 8)).unwrap());
    let turned = table.rearranged(|view| view.reversed_axes());
    let mut session = Session::start();
    let found = all(session.pool.run::<File>([array.clone(), half]));
    let same: Vec<bool> = found.iter().map(|found| found.as_deref() == array.file()).collect();
    let double = Array::from(&array.view() + &array.view());
    let of_sum = double.file().is_some();
    all(session.pool.run::<Sum>([double]));
    let (arrived, turned) = (arrive(vec![dynamic(&table)]), arrive(vec![dynamic(&turned)]));
    json!({
        "the array and its half arrive mapped from its file": same,
        "the sum of two is mapped": of_sum,
        "files for the sum": session.files(),
        "the table arrives": arrived["the numbers arrive"],
        "its transpose arrives": turned["the numbers arrive"],
        "files for the two": arrived["files"].as_u64().unwrap() + turned["files"].as_u64().unwrap(),
    })
}

fn slices_of_a_map() -> Value {
    let (array, _folder) = mapped(1680);
    let block = Array::map_file(array.file().unwrap(), 0, Ix4(5, 6, 7, 8)).unwrap();
    arrive(vec![
        dynamic(&block.slice(s![1..3, .., .., ..])),
        dynamic(&block.slice(s![.., 1..3, .., ..])),
        dynamic(&block.slice(s![.., .., ..;2, ..])),
        dynamic(&block.slice(s![.., .., .., 3..])),
        dynamic(&block.slice(s![..;2, 2, ..;3, ..;2])),
    ])
}

fn offsets() -> Value {
    let (array, _folder) = mapped(5000);
    let part = |offset: u64| Array::map_file(array.file().unwrap(), offset * 8, Ix1(900)).unwrap();
    let parts = [1, 511, 512, 513, 4000].map(part);
    arrive(parts.iter().flat_map(|part| [dynamic(part), dynamic(&part.slice(s![7..;3]))]).collect())
}

fn a_view_of_a_map() -> Value {
    let (array, _folder) = mapped(LARGE);
    let half = array.slice(s![LARGE / 2..]);
    let mut session = Session::start();
    let found = all(session.pool.run::<File>((0..3).map(|_| half.clone())));
    let same = found.iter().all(|found| found.as_deref() == array.file());
    json!({ "the view arrives mapped from the file": same, "files": session.files() })
}

fn never_let_go() -> Value {
    let mut session = Session::start();
    all(session.pool.run::<Keep>([numbers(0, LARGE), numbers(1, LARGE)]));
    json!({ "the folder stays": session.leaves_its_folder() })
}

fn returned(threshold: Option<usize>, numbers_arrive: &str) -> Value {
    let array = dynamic(&numbers(0, LARGE));
    let mut session = Session::new(threshold);
    let back = all(session.pool.run::<Echo>([array.clone()])).remove(0);
    drop(session);
    json!({ "the result is mapped": back.file().is_some(), numbers_arrive: back.view() == array.view() })
}

fn two_sessions() -> Value {
    let sessions = [Session::start(), Session::start()];
    let [one, other] = sessions.each_ref().map(|session| session.pool.folder());
    json!({ "folders": if one == other { 1 } else { 2 } })
}

fn two_calls() -> Value {
    let array = numbers(0, LARGE);
    let mut session = Session::start();
    let [first, second] = [(), ()].map(|()| all(session.pool.run::<File>([array.clone()])));
    json!({ "the file is the same": first == second, "files": session.files() })
}

fn two_threads() -> Value {
    let work = || {
        let mut session = Session::start();
        let mut found = all(session.pool.run::<File>((0..20).map(|start| numbers(start, LARGE))));
        found.dedup();
        let folder = session.pool.folder().to_owned();
        (folder, [found.len(), session.files()], session.leaves_its_folder())
    };
    let (one, other) = std::thread::scope(|scope| {
        let threads = (scope.spawn(work), scope.spawn(work));
        (threads.0.join().unwrap(), threads.1.join().unwrap())
    });
    json!({
        "the folder is the same": one.0 == other.0,
        "files of each": [one.1, other.1],
        "a folder stays": one.2 || other.2,
    })
}

fn one_of_two_fails() -> Value {
    let arrays = || (0..20).map(|start| numbers(start, LARGE));
    let good = || match Session::start().pool.run::<Sum>(arrays()).collect::<Result<Vec<_>, _>>() {
        Ok(results) => json!(results.len()),
        Err(_) => json!("an error"),
    };
    let bad = || match Session::start().pool.run::<Panic>(arrays()).collect::<Result<Vec<_>, _>>() {
        Ok(results) => json!(results.len()),
        Err(_) => json!("an error"),
    };
    let (good, bad) = std::thread::scope(|scope| {
        let threads = (scope.spawn(good), scope.spawn(bad));
        (threads.0.join().unwrap(), threads.1.join().unwrap())
    });
    json!({ "results of the good one": good, "results of the bad one": bad })
}

fn five_calls() -> Value {
    let array = numbers(0, LARGE);
    let mut session = Session::start();
    let mut sums = || all(session.pool.run::<Sum>([array.clone(), array.clone()]));
    let same = (0..5).all(|_| sums() == [array.view().sum(); 2]);
    json!({ "the sums are right": same, "files": session.files() })
}

fn the_threshold() -> Value {
    let (above, at) = (numbers(0, THRESHOLD / 8 + 1), numbers(0, THRESHOLD / 8));
    let mut session = Session::start();
    let before = files(session.parent.path()) > 0;
    let mut found = all(session.pool.run::<File>((0..30).map(|_| above.clone())));
    let written = session.files();
    found.dedup();
    let size = std::fs::metadata(found[0].as_ref().unwrap()).unwrap().len();
    let at = all(session.pool.run::<File>([at]));
    json!({
        "the folder is there before the first file": before,
        "files for thirty tasks": written,
        "all are given the same": found.len() == 1,
        "bytes of the file": size,
        "an array at the threshold is mapped": at != [None],
        "files after it": session.files(),
    })
}

fn a_failure() -> Value {
    let mut session = Session::start();
    all(session.pool.run::<File>([numbers(0, LARGE)]));
    let error = session.pool.run::<Panic>([numbers(1, LARGE)]).find_map(Result::err);
    let said = match error {
        Some(labpool::Error::Panicked { message, .. }) => Some(message),
        _ => None,
    };
    json!({ "the error": said, "the folder stays": session.leaves_its_folder() })
}

fn no_threshold() -> Value {
    let mut session = Session::new(None);
    let found = all(session.pool.run::<File>([numbers(0, 1 << 16)]));
    json!({ "the array is mapped": found != [None], "files": session.files() })
}

/// A pool that takes /dev/shm where so many bytes are to spare.
fn with_minimum(shm_minimum: u64) -> Pool {
    Pool::start(Options { threshold: Some(THRESHOLD), shm_minimum, ..Options::default() }).unwrap()
}

fn a_large_shm() -> Value {
    let (one, two) = (numbers(0, LARGE), numbers(1, LARGE));
    let mut pool = with_minimum(0);
    let folder = pool.folder().to_owned();
    all(pool.run::<File>((0..10).map(|_| one.clone())));
    let first = files(&folder);
    all(pool.run::<Sum>([two]));
    let second = files(&folder);
    drop(pool);
    json!({
        "the folder is in /dev/shm": folder.starts_with("/dev/shm"),
        "files for one array, and for another": [first, second],
        "the folder stays": folder.exists(),
    })
}

fn a_small_shm() -> Value {
    let pool = with_minimum(1 << 62);
    let folder = pool.folder().to_owned();
    drop(pool);
    json!({ "the folder is in /dev/shm": folder.starts_with("/dev/shm"), "the folder stays": folder.exists() })
}

fn an_explicit_folder() -> Value {
    let parent = TempDir::new().unwrap();
    let folder = Some(parent.path().to_owned());
    let pool = Pool::start(Options { folder, shm_minimum: 0, ..Options::default() }).unwrap();
    json!({ "the folder is where it was told to be": pool.folder().parent() == Some(parent.path()) })
}

fn identities() -> Value {
    let array = numbers(0, LARGE);
    let (mut first, mut second) = (Session::start(), Session::start());
    all(first.pool.run::<Sum>((0..5).map(|_| array.clone())));
    let sums = all(second.pool.run::<Sum>((0..200).map(|start| numbers(start, LARGE))));
    let right = (0..200).map(|start| numbers(start, LARGE).view().sum());
    json!({
        "files for one array": first.files(),
        "files for 200 that are soon gone": second.files(),
        "the sums are right": sums.iter().copied().eq(right),
    })
}

fn a_table_on_a_map() -> Value {
    let (array, _folder) = mapped(LARGE);
    let table = dynamic(&array.rearranged(|view| view.into_shape_with_order((LARGE / 4, 4)).unwrap()));
    let mut session = Session::start();
    let back = all(session.pool.run::<Echo>([table.clone()])).remove(0);
    json!({
        "the second row begins with": back.view()[[1, 0]],
        "the numbers arrive": back.view() == table.view(),
        "files": session.files(),
    })
}

fn short_lived() -> Value {
    let mut session = Session::start();
    let fresh = (0..100).map(|start| Array::from(Array1::from_elem(LARGE, f64::from(start)).into_dyn()));
    let back = all(session.pool.run::<Echo>(fresh));
    let right =
        (0..100).zip(&back).all(|(start, back)| back.view().iter().all(|one| *one == f64::from(start)));
    json!({ "each has its own numbers": right, "files": session.files() })
}

fn files_of_a_session() -> Value {
    let mut session = Session::start();
    all(session.pool.run::<File>((0..10).map(|start| numbers(start, LARGE))));
    json!({ "files during the session": session.files(), "the folder stays": session.leaves_its_folder() })
}
