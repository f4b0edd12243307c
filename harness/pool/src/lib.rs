//! A process pool that hands large arrays over as memory-mapped files, as joblib does.

mod array;
mod connection;
mod error;
mod folder;
mod frame;
mod key;
mod object;
mod pool;
mod results;
mod role;
mod store;
mod task;
mod tracker;
mod wire;
mod worker;

pub use array::Array;
pub use error::Error;
pub use key::Key;
pub use pool::{Options, Pool};
pub use role::serve;
pub use task::{Entry, Task};
