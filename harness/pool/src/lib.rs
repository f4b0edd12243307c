//! The library under study: a process pool that hands large arrays over as memory-mapped files.
//!
//! It is joblib's way of sharing arrays between processes, made again in Rust from its behaviour
//! (joblib 1.6, `_memmapping_reducer.py`), so that its virtues and its one famous vice can be seen
//! without Python around them. Worker processes stay up; a task is a name and its arguments; an
//! [`Array`] above a threshold is written once to a file in /dev/shm, and all workers map it.
//!
//! The vice is in the word *once*. It means once for each array **object**, and a slice is a new
//! object. What counts as the same array is the pool's [`Key`], and the scenario `slice-dup` is
//! about nothing else.
//!
//! ```standalone_crate
//! use labpool::{Array, Entry, Options, Pool, Task};
//!
//! struct Sum;
//!
//! impl Task for Sum {
//!     const NAME: &'static str = "sum";
//!     type Args = Array;
//!     type Output = f64;
//!
//!     fn run(numbers: Array) -> f64 {
//!         numbers.view().sum()
//!     }
//! }
//!
//! const TASKS: &[Entry] = &[Entry::of::<Sum>()];
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     labpool::serve(TASKS);
//!     let ones = Array::from(ndarray::Array1::ones(1_000_000));
//!     let mut pool = Pool::start(Options::default())?;
//!     for sum in pool.run::<Sum>((0..5).map(|_| ones.clone())) {
//!         assert_eq!(sum?, 1_000_000.0);
//!     }
//!     assert_eq!(pool.files_written(), 1);
//!     Ok(())
//! }
//! ```
//!
//! # How an array travels
//!
//! 1. An array that is mapped from a file already, or is a slice of one: as the place of its
//!    numbers in that file. Nothing is written.
//! 2. An array of more bytes than the threshold: written to the pool's folder, unless the pool
//!    knows it by its key, and then as the place of its numbers.
//! 3. Any other array, and all arrays in results: its numbers are in the message.
//!
//! A file holds the numbers, row by row, and nothing else. joblib's files begin with 241 bytes of
//! header, so that each takes a page more of the tmpfs than ours.
//!
//! # What is left behind
//!
//! Nothing. The folder is removed by a small process that waits for the end of the program, be it
//! a return, an error, a panic or a SIGKILL. The workers end with the program's thread.
//!
//! # What joblib's tests ask for
//!
//! The tests of joblib's memory mapping (`test_memmapping.py`, and three of `test_parallel.py`)
//! describe 29 behaviours. Here is what became of each: the test that asks for the same, in
//! `tests/pool/` or in the file named, or why there is none.
//!
//! | | joblib's behaviour | here |
//! |---|---|---|
//! | 1 | a mapped array and its views stay mapped, results of arithmetic do not | `a_mapped_array_and_its_views_travel_without_a_file` |
//! | 2 | slices on any axis of a mapped array | `slices_on_any_axis_of_a_mapped_array_arrive_as_they_are` |
//! | 3 | offsets that are no whole page, contiguous and strided | `an_offset_that_is_no_whole_page_is_kept` |
//! | 4 | maps for writing, shared and private | maps are read-only: there is no way to write, and a shared `&mut` in two processes would need `unsafe` |
//! | 5 | a view of a mapped array is not written again | `a_mapped_array_and_its_views_travel_without_a_file` |
//! | 6 | a reference cycle in a worker does not stop the clean-up | `a_task_that_never_lets_go_of_an_array_does_not_keep_the_folder` |
//! | 7 | a mapped slice is returned again and again | `a_mapped_slice_can_be_returned_again_and_again` |
//! | 8 | a mapped argument that is returned is an ordinary array | `an_array_that_a_task_returns_belongs_to_the_parent` |
//! | 9 | separate calls use separate folders | `each_pool_has_a_folder_of_its_own` |
//! | 10 | calls in one session share a folder | `runs_of_one_pool_share_its_folder_and_its_files` |
//! | 11 | sessions on two threads have one folder each | `pools_on_two_threads_have_a_folder_each` |
//! | 12 | sessions on two threads fail each for itself | `pools_on_two_threads_fail_each_for_itself` |
//! | 13 | five calls on one array | `five_runs_on_one_array_write_one_file` |
//! | 14 | one file for many tasks, none at the threshold | `an_array_above_the_threshold_is_written_once_for_many_tasks`, `an_array_at_the_threshold_travels_in_the_message`; the folder is made at once, and arrays of objects do not exist |
//! | 15 | a task that fails leaves no files | `a_task_that_panics_leaves_no_files_behind`, `a_dead_worker_is_an_error_and_never_a_hang` |
//! | 16 | without a threshold nothing is written | `without_a_threshold_nothing_is_written` |
//! | 17 | a large enough /dev/shm is used | `a_large_enough_dev_shm_is_used` |
//! | 18 | a too small /dev/shm is not | `a_too_small_dev_shm_is_not_used` |
//! | 19 | results are ordinary arrays | `an_array_that_a_task_returns_belongs_to_the_parent` |
//! | 20 | an offset of many pages is kept | `an_offset_of_many_pages_is_kept` |
//! | 21 | an explicit folder wins | `an_explicit_folder_wins`; every Linux has statvfs(3) |
//! | 22 | equal arrays for writing do not share a file | nobody can write: `equal_arrays_may_share_a_file_since_nobody_can_write_to_it` |
//! | 23 | the identity map never gives a false hit, and forgets the dead | `key.rs`: `a_clone_is_the_same_object_and_finds_the_same_file`, `an_entry_goes_with_its_last_owner`, `a_thousand_short_lived_arrays_are_never_taken_for_each_other` |
//! | 24 | the identity map does not cross processes | it can not: its type has no `Serialize` |
//! | 25 | a map without a file is copied | every map here has a file |
//! | 26 | a table on a mapped row of numbers keeps its order | `a_table_on_a_mapped_row_of_numbers_keeps_its_order` |
//! | 27 | removal is tried again where Windows refuses it | Linux does not refuse it |
//! | 28 | a hundred short-lived arrays from a generator keep their numbers | `a_hundred_short_lived_arrays_arrive_with_their_own_numbers` |
//! | 29 | files are there during a session, and gone after it | `files_are_there_until_the_pool_is_gone` |
//!
//! # Layout
//!
//! - [`Array`] is on `object.rs`; `wire.rs` says how it looks in a message.
//! - [`Pool`] sends tasks through a `connection.rs` for each worker, short ones in a `batch.rs`;
//!   `receive.rs` waits for what comes back, and `results.rs` puts it in order.
//! - `store.rs` decides how an array travels, [`Key`] whether it is known, and [`Keep`] how long its
//!   file stays.
//! - [`serve`] gives the program its roles: `worker.rs` and `tracker.rs`.

mod array;
mod batch;
mod connection;
mod error;
mod folder;
mod frame;
mod keep;
mod key;
mod object;
mod pool;
mod receive;
mod results;
mod role;
mod store;
mod task;
mod tracker;
mod wire;
mod worker;

pub use array::Array;
pub use error::Error;
pub use keep::Keep;
pub use key::Key;
pub use pool::{Options, Pool};
pub use role::serve;
pub use task::{Entry, Task};
