//! Runs a program in a way that it can't hurt anything, and leaves nothing behind.
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
pub(crate) mod cgroup;
pub(crate) mod init;
mod kin;
mod namespace;
mod orders;
mod ownership;
pub(crate) mod pids;
pub(crate) mod probe;
pub(crate) mod processes;
pub(crate) mod report;
mod running;
mod shared;
pub(crate) mod signals;
mod spec;
pub(crate) mod supervisor;
mod sweep;
pub(crate) mod watchdog;

pub(crate) use namespace::Namespaces;
pub(crate) use orders::{INIT, SUPERVISOR};
pub(crate) use report::Report;
pub(crate) use running::Running;
pub(crate) use spec::{Mode, Spec, Streams, Word};
pub(crate) use sweep::sweep;
