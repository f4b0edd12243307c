//! The library under study: a process pool that hands large arrays over as memory-mapped files.
//!
//! It is joblib's way of sharing arrays between processes, rebuilt in Rust from its behaviour (joblib 1.6,
//! `_memmapping_reducer.py`). It shows the virtues and the one famous vice without Python around them. Worker
//! processes stay up; a task is a name and its arguments; an [`Array`] above a threshold is written once to a file in
//! /dev/shm, and all workers map it.
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
//! A file holds the numbers, row by row, and nothing else. joblib's files begin with 241 bytes of header, so each
//! takes a page more of the tmpfs than ours.
//!
//! # What is left behind
//!
//! Nothing. The folder is removed by a small process that waits for the end of the program, be it
//! a return, an error, a panic or a SIGKILL. The workers end with the program's thread.
//!
//! # What joblib's tests ask for
//!
//! The tests of joblib's memory mapping (`test_memmapping.py`, and three of `test_parallel.py`)
//! describe 29 behaviours. `tests/pool/behaviours.toml` says of each which of our tests asks for the
//! same, or why there is none. Both libraries are also asked the same questions about it, and their
//! answers compared: see `tests/pool/faithful.rs`.
//!
//! # Layout
//!
//! - [`Array`] is on `object.rs`; `wire.rs` says how it looks in a message.
//! - [`Pool`] sends tasks through a `connection.rs` for each worker, short ones in a `batch.rs`;
//!   `receive.rs` waits for what comes back, and `results.rs` puts it in order.
//! - `store.rs` decides how an array travels, [`Key`] whether it is known, and [`Keep`] how long its
//!   file stays.
//! - [`serve`] gives the program its roles, `worker.rs` and `tracker.rs`, in which `role.rs` starts it.

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
mod serve;
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
pub use serve::serve;
pub use task::{Entry, Task};
