//! Lines about memory that's in no process's own pages, and about limits that are nearly reached.

use super::command::NAMED;
use crate::chart::amount;
use crate::model::metric::Unit;
use crate::model::record::{Maker, OpenMemoryFile, Rlimit, SharedFolder, Trailer};

/// The files that took most memory without a place on a disk, and the processes that keep them there.
pub(super) fn files(trailer: &Trailer) -> Option<String> {
    let files = trailer.open_memory_files.iter().filter(|file| file.bytes > SMALL);
    joined(files.take(NAMED).map(|file| {
        let OpenMemoryFile { name, bytes, holders, mapped_by, .. } = file;
        let mapped = if file.is_mapped_length { " mapped of " } else { " in " };
        let by = |how: &str, pids: &[i32]| {
            let pids: Vec<String> = pids.iter().map(i32::to_string).collect();
            (!pids.is_empty()).then(|| format!(", {how} in {}", pids.join(", ")))
        };
        let (open, map) = (by("open", holders), by("mapped", mapped_by));
        let [open, map] = [open, map].map(Option::unwrap_or_default);
        format!("{}{mapped}{name}{open}{map}", bytes_of(*bytes))
    }))
}

/// A file of this size, in bytes, doesn't explain where memory has gone: the semaphores of a library are files too.
const SMALL: u64 = 64 << 10;

/// The folders of the run's own shared memory that held most, and the processes that made the files.
pub(super) fn folders(trailer: &Trailer) -> Option<String> {
    joined(trailer.shared_folders.iter().take(NAMED).map(|folder| {
        let SharedFolder { folder, files, bytes, largest, typical, makers, of_unknown_makers, .. } = folder;
        let place = if folder.is_empty() { "right in it" } else { folder };
        let files = match files {
            1 => "1 file".to_owned(),
            files => {
                format!(
                    "{files} files, half of them up to {}, the largest {}",
                    bytes_of(*typical),
                    bytes_of(*largest)
                )
            }
        };
        let mut by: Vec<String> = makers.iter().take(NAMED).map(made).collect();
        if *of_unknown_makers > 0 {
            by.push(format!("{of_unknown_makers} with an unknown maker"));
        }
        format!("{} {place}: {files}; {}", bytes_of(*bytes), by.join(", "))
    }))
}

fn made(maker: &Maker) -> String {
    let now = if maker.is_alive { "alive" } else { "gone" };
    format!("{} made by {}, which was {now}", maker.files, maker.pid)
}

/// The largest segments of System V shared memory.
pub(super) fn segments(trailer: &Trailer) -> Option<String> {
    joined(trailer.sysv_segments.iter().take(NAMED).map(|segment| {
        let now = if segment.creator_is_alive { "alive" } else { "gone" };
        format!(
            "{} of {} in segment {}, attached {} times, made by {}, which was {now}",
            bytes_of(segment.resident),
            bytes_of(segment.bytes),
            segment.id,
            segment.attached,
            segment.creator
        )
    }))
}

/// The limits of which a process has used nine tenths or more.
pub(super) fn limits(trailer: &Trailer) -> Option<String> {
    joined(trailer.rlimits.iter().filter_map(|Rlimit { name, limit, used, pid }| {
        let used = used.filter(|used| u128::from(*used) * 10 >= u128::from(*limit) * 9)?;
        let unit = if name == "RLIMIT_NOFILE" { Unit::Count } else { Unit::Bytes };
        Some(format!(
            "process {pid} has used {} of its {name} of {}",
            amount(unit, used),
            amount(unit, *limit)
        ))
    }))
}

fn bytes_of(bytes: u64) -> String {
    amount(Unit::Bytes, bytes)
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
