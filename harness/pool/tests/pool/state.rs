//! What stays in the workers from one task to the next, and what was sent to get it there.

use labpool::{Array, Error, Options, Pool};
use libtest_mimic::Trial;

use crate::tasks::{Pass, Recall, Remember, Sum, THRESHOLD, Unknown, all, numbers, options, pool};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_task_runs_once_in_each_worker,
        what_a_worker_keeps_is_there_for_its_later_tasks,
        an_array_for_all_workers_is_one_file,
        results_of_an_earlier_run_are_not_those_of_the_workers,
        an_unknown_task_runs_in_no_worker,
        every_byte_of_a_message_is_counted,
        a_mapped_array_is_a_small_message,
    ]
}

const LARGE: usize = 2 * THRESHOLD;

fn pool_of(workers: usize) -> Pool {
    Pool::start(Options { workers, ..options() }).unwrap()
}

fn a_task_runs_once_in_each_worker() {
    let mut pool = pool_of(3);
    let pids: Vec<u32> = pool.pids().collect();
    assert_eq!(pool.run_in_each_worker::<Remember>(&numbers(0, 3)).unwrap(), pids);
}

fn what_a_worker_keeps_is_there_for_its_later_tasks() {
    let mut pool = pool();
    assert_eq!(all(pool.run::<Recall>([(), (), ()])), [None, None, None]);
    pool.run_in_each_worker::<Remember>(&numbers(1, 3)).unwrap();
    assert_eq!(all(pool.run::<Recall>([(), (), ()])), vec![Some((6.0, None)); 3]);
}

fn an_array_for_all_workers_is_one_file() {
    let mut pool = pool_of(3);
    pool.run_in_each_worker::<Remember>(&numbers(0, LARGE)).unwrap();
    let files: Vec<_> =
        pool.run_in_each_worker::<Recall>(&()).unwrap().into_iter().map(|seen| seen.unwrap().1).collect();
    assert!(files.iter().all(|file| file.is_some() && *file == files[0]), "{files:?}");
    assert_eq!(pool.files_written(), 1);
}

fn results_of_an_earlier_run_are_not_those_of_the_workers() {
    let mut pool = pool();
    assert_eq!(pool.run::<Sum>((0..50).map(|start| numbers(start, 1))).take(3).count(), 3);
    let pids: Vec<u32> = pool.pids().collect();
    assert_eq!(pool.run_in_each_worker::<Remember>(&numbers(0, 1)).unwrap(), pids);
}

fn an_unknown_task_runs_in_no_worker() {
    let error = pool().run_in_each_worker::<Unknown>(&()).unwrap_err();
    assert!(matches!(error, Error::UnknownTask { name: "unknown" }));
}

fn every_byte_of_a_message_is_counted() {
    let sent_for = |text: &str| {
        let mut pool = pool();
        assert_eq!(pool.bytes_sent(), 0);
        all(pool.run::<Pass>([text.to_owned()]));
        pool.bytes_sent()
    };
    assert_eq!(sent_for(&"x".repeat(100)) - sent_for(""), 100);
}

fn a_mapped_array_is_a_small_message() {
    let sent_for = |array: Array| {
        let mut pool = pool();
        all(pool.run::<Sum>([array]));
        pool.bytes_sent()
    };
    assert!(sent_for(numbers(0, THRESHOLD / 8)) > THRESHOLD as u64);
    assert!(sent_for(numbers(0, 1 << 16)) < THRESHOLD as u64);
}
