//! Memory that's mapped but not held open: files that live in memory, which a process has mapped and then closed.
//!
//! A look at /proc/PID/fd doesn't show them, nor shared memory that never had a descriptor: that of MAP_SHARED with
//! MAP_ANONYMOUS, and segments of System V. /proc/PID/maps does, without reading page tables.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::makedev;
use procfs::process::Process;

use super::memory_files::{NAMED, OpenMemoryFiles, sort};
use crate::model::metric::Metric;
use crate::model::record::OpenMemoryFile;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&MAPPED];

static MAPPED: Metric = Metric::bytes(
    "mapped_memory_files",
    "files in memory that processes map and none holds open, each counted once",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Second, budget: Budget::Expensive };

/// The source: it also remembers the moment when these files took most.
pub(super) struct MappedFiles {
    /// Which filesystems live in memory, by their numbers.
    in_memory: BTreeMap<u64, bool>,
    /// The bytes, and how many processes map each.
    most: (u64, usize),
    largest: Vec<OpenMemoryFile>,
}

pub(super) fn open(_: &Target<'_>) -> Result<Option<MappedFiles>> {
    // The kernel has a separate tmpfs for everything without a place in a folder, which no table of mounts shows.
    let kernels = memfd_create(c"lab", MFdFlags::MFD_CLOEXEC).ok();
    let kernels = kernels.and_then(|file| File::from(file).metadata().ok()).map(|file| (file.dev(), true));
    Ok(Some(MappedFiles { in_memory: kernels.into_iter().collect(), most: (0, 0), largest: Vec::new() }))
}

impl Source for MappedFiles {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&MAPPED, "files that live in memory in /proc/PID/maps and not in /proc/PID/fd")]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let open = OpenMemoryFiles::by(view.members);
        if open.saw_nothing() {
            return;
        }
        let mut files: BTreeMap<Key, (OpenMemoryFile, Vec<Range<u64>>)> =
            open.files.into_iter().map(|file| (Key::of(&file), (file, Vec::new()))).collect();
        let walked = view.members.walk(view.moment, |pid, Process { pid: via, .. }| {
            // Of another user, or gone.
            let Ok(maps) = fs::read(format!("/proc/{via}/maps")) else { return };
            for map in String::from_utf8_lossy(&maps).lines().filter_map(Map::of) {
                if !self.is_in_memory(map.device, *via) {
                    continue;
                }
                let new = || (map.file(*via), Vec::new());
                let (file, parts) = files.entry(map.key()).or_insert_with(new);
                parts.push(map.part());
                if !file.holders.contains(&pid) && file.mapped_by.last() != Some(&pid) {
                    file.mapped_by.push(pid);
                }
            }
        });
        if walked.is_none() {
            return;
        }
        let mut files: Vec<OpenMemoryFile> = files.into_values().map(measured).collect();
        let bytes = files.iter().filter(|file| file.holders.is_empty()).map(|file| file.bytes).sum();
        row.set(&MAPPED, bytes);
        files.retain(|file| !file.mapped_by.is_empty());
        let most = (bytes, files.iter().map(|file| file.mapped_by.len()).sum());
        if most > self.most {
            self.most = most;
            self.largest = largest(files);
        }
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        let all = &mut conclusion.open_memory_files;
        for mapped in std::mem::take(&mut self.largest) {
            match all.iter_mut().find(|open| Key::of(open) == Key::of(&mapped)) {
                Some(open) => {
                    // It may still have been written to when it was last seen open.
                    if mapped.bytes > open.bytes {
                        (open.bytes, open.is_mapped_length) = (mapped.bytes, mapped.is_mapped_length);
                    }
                    open.mapped_by = mapped.mapped_by;
                }
                None => all.push(mapped),
            }
        }
        *all = largest(std::mem::take(all));
    }
}

impl MappedFiles {
    /// Whether a filesystem lives in memory, as this process's table of mounts says.
    fn is_in_memory(&mut self, device: u64, pid: i32) -> bool {
        *self.in_memory.entry(device).or_insert_with(|| {
            let number = format!("{}:{}", nix::sys::stat::major(device), nix::sys::stat::minor(device));
            let mounts = Process::new(pid).and_then(|process| process.mountinfo());
            mounts.is_ok_and(|mounts| {
                mounts.into_iter().any(|mount| mount.majmin == number && mount.fs_type == "tmpfs")
            })
        })
    }
}

fn largest(mut files: Vec<OpenMemoryFile>) -> Vec<OpenMemoryFile> {
    sort(&mut files);
    files.truncate(NAMED);
    files
}

/// The file with its size: what all its maps cover, if nothing better is known.
fn measured((mut file, mut parts): (OpenMemoryFile, Vec<Range<u64>>)) -> OpenMemoryFile {
    if file.is_mapped_length {
        parts.sort_by_key(|part| part.start);
        let mut end = 0;
        for part in parts {
            file.bytes += part.end.saturating_sub(part.start.max(end));
            end = end.max(part.end);
        }
    }
    file
}

/// The identity of a file. Segments of System V have their own numbers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    device: u64,
    inode: u64,
    is_segment: bool,
}

impl Key {
    fn of(file: &OpenMemoryFile) -> Self {
        Key { device: file.device, inode: file.inode, is_segment: is_segment(&file.name) }
    }
}

fn is_segment(name: &str) -> bool {
    name.starts_with("/SYSV")
}

/// A line of /proc/PID/maps that is about a file (proc_pid_maps(5)).
#[derive(Debug, PartialEq, Eq)]
struct Map<'a> {
    start: u64,
    end: u64,
    offset: u64,
    device: u64,
    inode: u64,
    name: &'a str,
}

impl<'a> Map<'a> {
    /// Reads a line; `None` also for files that are surely on a disk: a filesystem in memory has no major number.
    fn of(line: &'a str) -> Option<Self> {
        let hexadecimal = |text: &str| u64::from_str_radix(text, 16).ok();
        let mut fields = line.splitn(6, ' ');
        let (start, end) = fields.next()?.split_once('-')?;
        let offset = hexadecimal(fields.nth(1)?)?;
        let minor = hexadecimal(fields.next()?.strip_prefix("00:")?)?;
        let inode = fields.next()?.parse().ok()?;
        let name = fields.next()?.trim_start_matches(' ');
        let device = makedev(0, minor);
        let map = Map { start: hexadecimal(start)?, end: hexadecimal(end)?, offset, device, inode, name };
        name.starts_with('/').then_some(map)
    }

    fn key(&self) -> Key {
        Key { device: self.device, inode: self.inode, is_segment: is_segment(self.name) }
    }

    /// The part of the file that is mapped.
    fn part(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.end.saturating_sub(self.start))
    }

    /// The file, as far as this process lets it be looked at.
    fn file(&self, pid: i32) -> OpenMemoryFile {
        // Only root may follow the link of a map, and no folder leads to a deleted file.
        let link = format!("/proc/{pid}/map_files/{:x}-{:x}", self.start, self.end);
        let path = format!("/proc/{pid}/root{}", self.name);
        let is_same = |file: &fs::Metadata| (file.dev(), file.ino()) == (self.device, self.inode);
        let file = [link, path].iter().find_map(|path| fs::metadata(path).ok().filter(is_same));
        OpenMemoryFile {
            name: self.name.to_owned(),
            // stat(2) counts in units of 512 bytes.
            bytes: file.as_ref().map_or(0, |file| file.blocks() * 512),
            is_mapped_length: file.is_none(),
            device: self.device,
            inode: self.inode,
            ..OpenMemoryFile::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_maps_only_those_of_files_that_may_live_in_memory_count() {
        let line =
            "7f0000000000-7f0000400000 rw-s 00001000 00:01 1027                       /memfd:a b (deleted)";
        let map = Map {
            start: 0x7f00_0000_0000,
            end: 0x7f00_0040_0000,
            offset: 0x1000,
            device: 1,
            inode: 1027,
            name: "/memfd:a b (deleted)",
        };
        assert_eq!(Map::of(line), Some(map));
        for other in [
            "55d0c0000000-55d0c0001000 r--p 00000000 fe:00 1234                       /usr/bin/cat",
            "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]",
            "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 ",
            "",
        ] {
            assert_eq!(Map::of(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_mapped_twice_is_of_one_length() {
        let file = OpenMemoryFile { is_mapped_length: true, ..OpenMemoryFile::default() };
        assert_eq!(measured((file, vec![20..30, 0..10, 5..15, 6..7])).bytes, 25);
    }
}
