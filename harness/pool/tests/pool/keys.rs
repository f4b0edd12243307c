//! The four keys, on the work of the scenario `slice-dup`: twenty fresh slices of each of eight parts.

use std::collections::HashSet;

use labpool::{Array, Key, Pool};
use libtest_mimic::Trial;
use ndarray::s;

use crate::tasks::{Echo, Sum, THRESHOLD, all, numbers, pool_by};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        the_weak_identity_writes_every_fresh_slice_again,
        the_content_hash_writes_equal_slices_once,
        the_buffer_range_writes_equal_slices_once,
        the_address_alone_hands_over_wrong_numbers,
        a_new_buffer_is_never_taken_for_an_old_one,
        the_same_range_in_another_order_is_another_array,
        equal_arrays_may_share_a_file_since_nobody_can_write_to_it,
    ]
}

const PARTS: usize = 8;
const REPEATS: usize = 20;
const PART: usize = THRESHOLD;

/// Twenty fresh slices of each part, each of which is dropped once it is sent.
fn fresh_slices(whole: &Array) -> impl Iterator<Item = Array> {
    (0..PARTS)
        .flat_map(move |part| (0..REPEATS).map(move |_| whole.slice(s![part * PART..(part + 1) * PART])))
}

/// Does the work of the scenario, checks every result, and gives the number of files.
#[track_caller]
fn files_written(key: Key) -> u64 {
    let whole = numbers(0, PARTS * PART);
    let mut pool = pool_by(key);
    let sums = all(pool.run::<Sum>(fresh_slices(&whole)));
    let expected: Vec<f64> = fresh_slices(&whole).map(|slice| slice.view().sum()).collect();
    assert_eq!(sums, expected);
    pool.files_written()
}

fn the_weak_identity_writes_every_fresh_slice_again() {
    assert_eq!(files_written(Key::WeakIdentity), 160);
}

fn the_content_hash_writes_equal_slices_once() {
    assert_eq!(files_written(Key::Content), 8);
}

fn the_buffer_range_writes_equal_slices_once() {
    assert_eq!(files_written(Key::BufferRange), 8);
}

/// The allocator is free to give any address to a new object, so the test asks for no certain one:
/// it goes on until one comes back, which must be so in the end, and then the numbers are wrong.
fn the_address_alone_hands_over_wrong_numbers() {
    let mut pool = pool_by(Key::Address);
    let mut sent = 0;
    let fresh = (0..10_000).map(|start| {
        sent = start;
        numbers(start, 2 * PART)
    });
    let wrong = pool.run::<Sum>(fresh).enumerate().find(|(start, sum)| {
        let expected = numbers(*start as u32, 2 * PART).view().sum();
        *sum.as_ref().unwrap() != expected
    });
    assert!(wrong.is_some(), "no address came back in 10000 arrays");
    assert!(pool.files_written() <= u64::from(sent), "an array that is handed over wrong is not written");
}

fn a_new_buffer_is_never_taken_for_an_old_one() {
    for key in [Key::WeakIdentity, Key::BufferRange, Key::Content] {
        let mut pool = pool_by(key);
        for start in 0..200 {
            let expected = numbers(start, 2 * PART).view().sum();
            assert_eq!(all(pool.run::<Sum>([numbers(start, 2 * PART)])), [expected], "{key:?}");
        }
        assert_eq!(pool.files_written(), 200, "{key:?}");
    }
}

fn the_same_range_in_another_order_is_another_array() {
    let square = Array::from(numbers(0, 40 * 40).view().to_shape((40, 40)).unwrap().to_owned());
    let turned = square.rearranged(|view| view.reversed_axes());
    let backwards = square.slice(s![..;-1, ..]);
    for key in [Key::WeakIdentity, Key::BufferRange, Key::Content] {
        let mut pool = pool_by(key);
        let sent = [&square, &turned, &backwards];
        let back = all(pool.run::<Echo>(sent.map(|array| array.rearranged(|view| view.into_dyn()))));
        assert!(back.iter().zip(sent).all(|(back, sent)| back.view() == sent.view().into_dyn()), "{key:?}");
        assert_eq!(pool.files_written(), 3, "{key:?}");
    }
}

fn equal_arrays_may_share_a_file_since_nobody_can_write_to_it() {
    let equal = || (0..5).map(|_| numbers(3, 2 * PART));
    let by = |mut pool: Pool, arrays: Vec<Array>| {
        assert_eq!(
            all(pool.run::<Sum>(arrays)).into_iter().map(f64::to_bits).collect::<HashSet<_>>().len(),
            1
        );
        pool.files_written()
    };
    assert_eq!(by(pool_by(Key::Content), equal().collect()), 1);
    assert_eq!(by(pool_by(Key::BufferRange), equal().collect()), 5);
}
