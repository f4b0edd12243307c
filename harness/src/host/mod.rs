//! What this machine can do: probed, stamped on every record, and described by `lab doctor`.

pub(crate) mod copy;
pub(crate) mod doctor;
pub(crate) mod files;
mod huge_pages;
mod new_folder;
mod probe;

pub use new_folder::NewFolder;
pub(crate) use probe::Machine;
