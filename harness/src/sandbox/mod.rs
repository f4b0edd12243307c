//! Runs a program so that it can hurt nothing and leaves nothing behind.
//!
//! Three processes stand between `lab` and the program, and each has one task:
//!
//! ```text
//! lab ── supervisor ── init ── program ── its children
//! ```
//!
//! - The [`supervisor`] makes the program's sandbox (control group, namespaces, tmpfs) and takes it down
//!   again. It waits for one thing: that the socket from `lab` is closed. Whether `lab` closes it,
//!   crashes or is killed makes no difference, so there is only one way to clean up.
//! - The [`init`] is the first process of the pid namespace: when it dies, the kernel kills all
//!   that is left in there. It adopts orphans, passes signals on, and reports how the program ended.
//! - The program is in the control group from its first page on, and neither of the others is.

mod badness;
pub mod cgroup;
pub mod init;
mod kin;
mod namespace;
mod orders;
mod ownership;
pub mod pids;
pub mod probe;
pub mod processes;
pub mod report;
mod running;
mod shared;
pub mod signals;
mod spec;
pub mod supervisor;
mod sweep;
pub mod watchdog;

pub use namespace::Namespaces;
pub use orders::{INIT, SUPERVISOR};
pub use report::Report;
pub use running::Running;
pub use spec::{Mode, Spec, Streams, Word};
pub use sweep::sweep;
