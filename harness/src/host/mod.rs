//! What this machine can do: probed, stamped on every record, and described by `lab doctor`.

pub(crate) mod copy;
pub(crate) mod doctor;
pub(crate) mod files;
mod huge_pages;
pub(crate) mod naming;
mod new_folder;
pub(crate) mod place;
mod probe;

pub use new_folder::NewFolder;
pub(crate) use probe::Machine;
