//! What workers can do: a task is a name and its arguments, since Rust can't send a closure.

use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Work that can be done in another process.
///
/// ```
/// use labpool::{Array, Task};
///
/// struct Sum;
///
/// impl Task for Sum {
///     const NAME: &'static str = "sum";
///     type Args = Array;
///     type Output = f64;
///
///     fn run(numbers: Array) -> f64 {
///         numbers.view().sum()
///     }
/// }
/// ```
pub trait Task {
    /// The name under which the worker finds it.
    const NAME: &'static str;
    /// What it is given. Large [arrays](crate::Array) anywhere in it are mapped, not copied.
    type Args: Serialize + DeserializeOwned;
    /// What it gives back. Arrays in it are copied, and belong to whoever gets them.
    type Output: Serialize + DeserializeOwned;

    /// Does the work, in the worker.
    fn run(args: Self::Args) -> Self::Output;
}

/// Runs a task on a message whose arguments begin at a position, and adds its result to a reply.
type Run = fn(Vec<u8>, usize, Vec<u8>) -> postcard::Result<Vec<u8>>;

/// A task in the table that `main` gives to [`serve`](crate::serve).
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
}

impl Entry {
    /// The entry of a task.
    pub const fn of<T: Task>() -> Self {
        Entry { name: T::NAME, run: run::<T> }
    }
}

/// The [`Run`] of a task.
fn run<T: Task>(message: Vec<u8>, body: usize, reply: Vec<u8>) -> postcard::Result<Vec<u8>> {
    let args = postcard::from_bytes(&message[body..])?;
    // Large arguments shouldn't be there twice while the task works on them.
    drop(message);
    postcard::to_extend(&T::run(args), reply)
}

/// The tasks that `main` has named.
static TASKS: OnceLock<&[Entry]> = OnceLock::new();

/// Names the tasks of this program, once.
pub(crate) fn name(tasks: &'static [Entry]) {
    TASKS.get_or_init(|| tasks);
}

/// The tasks that `main` has named; `None` if it hasn't.
pub(crate) fn named() -> Option<&'static [Entry]> {
    TASKS.get().copied()
}
