//! Numbers in the small texts of /proc and of control groups.
//!
//! The crate procfs reads these files too, and we use it if time doesn't matter. The files here are read many times a
//! second, and the recorder needs two or three fields. procfs opens the file again and makes a value of every field:
//! 10 µs for statm, when a kept descriptor takes 2 µs.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use nix::sys::resource::{Resource, getrlimit};

/// A file of numbers that is read from its start each time.
#[derive(Debug)]
pub(super) enum ProcFile {
    /// It stays open.
    Kept(File),
    /// There are too few descriptors for that, so it is opened each time.
    Named(PathBuf),
}

impl From<File> for ProcFile {
    fn from(file: File) -> Self {
        ProcFile::Kept(file)
    }
}

/// So many descriptors are left to whatever needs one for a moment.
const SPARE: u64 = 10;

/// Whether an open file may stay open, or has one of the last descriptors that this process may have.
pub(super) fn may_stay(file: &File) -> bool {
    static LIMIT: LazyLock<u64> =
        LazyLock::new(|| getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft));
    u64::try_from(file.as_raw_fd()).is_ok_and(|number| number + SPARE < *LIMIT)
}

/// More than a line of numbers holds.
const LINE: usize = 256;

/// More than memory.stat holds, and than /proc/PID/status does for a user in few groups.
const PAGE: usize = 8192;

impl ProcFile {
    /// Opens it; `None` if it isn't there or must not be read.
    pub(super) fn open(path: impl AsRef<Path>) -> Option<Self> {
        let file = File::open(&path).ok()?;
        Some(if may_stay(&file) { ProcFile::Kept(file) } else { ProcFile::Named(path.as_ref().to_owned()) })
    }

    /// What `take` finds in a text of one line; `None` as well when the process is gone.
    pub(super) fn line<T>(&self, take: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read_at_most::<LINE, T>(take)
    }

    /// What `take` finds in a text of many lines; `None` as well when the process is gone.
    pub(super) fn read<T>(&self, take: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read_at_most::<PAGE, T>(take)
    }

    /// What `take` finds in a table, of which the kernel may hand out a part at a time.
    pub(super) fn table<T>(&self, take: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read_file(|file| read_on(file, Vec::new(), take))
    }

    fn read_at_most<const N: usize, T>(&self, take: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let read = |file: &File| {
            let mut text = [0; N];
            let length = file.read_at(&mut text, 0).ok()?;
            if length < N {
                // A program may be called as somebody liked.
                return take(&String::from_utf8_lossy(&text[..length]));
            }
            read_on(file, text.to_vec(), take)
        };
        self.read_file(read)
    }

    fn read_file<T>(&self, read: impl FnOnce(&File) -> Option<T>) -> Option<T> {
        match self {
            ProcFile::Kept(file) => read(file),
            ProcFile::Named(path) => read(&File::open(path).ok()?),
        }
    }

    /// The number that the file holds.
    pub(super) fn number(&self) -> Option<u64> {
        self.line(|text| text.trim().parse().ok())
    }
}

fn read_on<T>(file: &File, mut whole: Vec<u8>, take: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let mut text = [0; PAGE];
    loop {
        match file.read_at(&mut text, whole.len() as u64).ok()? {
            0 => return take(&String::from_utf8_lossy(&whole)),
            more => whole.extend_from_slice(&text[..more]),
        }
    }
}

/// The numbers after these words at the beginnings of lines, as in `VmHWM: 1024 kB` or `anon 4096`.
///
/// A word that no line begins with stays 0.
pub(super) fn lines<const N: usize>(text: &str, words: [&str; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut missing = N;
    for line in text.lines() {
        if let Some(at) = words.iter().position(|word| line.starts_with(word)) {
            let rest = line[words[at].len()..].split_ascii_whitespace().next();
            if let Some(number) = rest.and_then(|number| number.parse().ok()) {
                numbers[at] = number;
            }
            missing -= 1;
            if missing == 0 {
                break;
            }
        }
    }
    numbers
}

/// The first three numbers of statm (proc_pid_statm(5)), in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statm {
    /// All of the address space.
    pub(super) size: u64,
    /// Its resident memory.
    pub(super) resident: u64,
    /// The resident pages of files and of shared memory.
    pub(super) shared: u64,
}

/// Reads a statm; `None` for a zombie, which has no memory left and shows zeros.
pub(super) fn statm(text: &str) -> Option<Statm> {
    let mut numbers = text.split(' ').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    let statm = Statm { size: next()?, resident: next()?, shared: next()? };
    (statm.size > 0).then_some(statm)
}

/// The needed fields of /proc/PID/stat (proc_pid_stat(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    /// R, S, D, T, Z and others.
    pub(super) state: char,
    /// The process that has started it, or that it was handed to.
    pub(super) parent: i32,
    /// Page faults: minflt, cminflt, majflt, cmajflt.
    pub(super) faults: [u64; 4],
    /// Processor time of all its threads, in clock ticks.
    pub(super) ticks: u64,
    /// How many threads it has.
    pub(super) threads: u64,
    /// When it was started, in clock ticks: another process of the same number was started later.
    pub(super) started: u64,
    /// Where its stack begins, which is elsewhere after another exec(2); 0 if this isn't ours to see.
    pub(super) stack: u64,
}

/// Reads a stat.
pub(super) fn stat(text: &str) -> Option<Stat> {
    // The name of the program stands in brackets, and may itself hold brackets and spaces.
    let mut fields = text[text.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let mut numbers = fields.skip(5).map(|number| number.parse::<u64>().ok());
    let faults = [numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??];
    let ticks = numbers.next()??.checked_add(numbers.next()??)?;
    let mut numbers = numbers.skip(4);
    let (threads, started, stack) = (numbers.next()??, numbers.nth(1)??, numbers.nth(5)??);
    Some(Stat { state, parent, faults, ticks, threads, started, stack })
}

/// The name of the program in a stat, as the kernel cuts it.
pub(super) fn name(stat: &str) -> Option<&str> {
    stat.get(stat.find('(')? + 1..stat.rfind(')')?)
}

/// The process numbers of a `cgroup.procs`, or of /proc/PID/task/TID/children.
pub(super) fn pids(text: &str) -> Vec<i32> {
    // 0 is a process that this namespace doesn't see.
    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).filter(|pid| *pid > 0).collect()
}

/// The microseconds of the line `some` of a file of pressure (Documentation/accounting/psi.rst).
pub(super) fn pressure(text: &str) -> Option<u64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split(' ').find_map(|word| word.strip_prefix("total="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_file_is_read_as_the_kernel_writes_it() {
        assert_eq!(
            statm("2548 1200 900 10 0 300 0\n"),
            Some(Statm { size: 2548, resident: 1200, shared: 900 })
        );
        assert_eq!(statm("0 0 0 0 0 0 0\n"), None);
        let text = "7 (a ) b) S 1 7 7 0 -1 4194560 120 3500 2 17 5 1 0 0 20 0 4 0 99 0 0 9 1 2 140 0 0";
        let read = Stat {
            state: 'S',
            parent: 1,
            faults: [120, 3500, 2, 17],
            ticks: 6,
            threads: 4,
            started: 99,
            stack: 140,
        };
        assert_eq!((stat(text), name(text)), (Some(read), Some("a ) b")));
        let status = "Name:\tsh\nVmHWM:\t    1656 kB\nRssFile:\t     12 kB\n";
        assert_eq!(lines(status, ["VmHWM:", "RssFile:", "RssShmem:"]), [1656, 12, 0]);
        // A word that another one begins with isn't taken for it.
        assert_eq!(lines("file_dirty 5\nfile 7\n", ["file "]), [7]);
        assert_eq!(pids("12\n0\n345\n"), [12, 345]);
        let psi = "some avg10=0.00 avg60=0.00 avg300=0.00 total=123\nfull avg10=0.00 total=45\n";
        assert_eq!(pressure(psi), Some(123));
    }

    #[test]
    fn what_follows_a_list_of_any_length_is_found() {
        for groups in [0, 1, PAGE - 20, PAGE, 3 * PAGE] {
            let mut file = tempfile::tempfile().unwrap();
            write!(file, "Groups:\t{}\nVmHWM:\t 1656 kB\n", "7".repeat(groups)).unwrap();
            let found = ProcFile::Kept(file).read(|text| Some(lines(text, ["VmHWM:"])[0]));
            assert_eq!(found, Some(1656), "{groups}");
        }
    }

    #[test]
    fn a_name_that_is_not_utf_8_hides_nothing() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(
            b"7 (\xff\xfe) S 1 7 7 0 -1 4194560 120 3500 2 17 5 1 0 0 20 0 1 0 99 0 0 9 1 2 140 0",
        )
        .unwrap();
        assert_eq!(ProcFile::Kept(file).read(stat).map(|stat| stat.started), Some(99));
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"Name:\t\xff\nVmHWM:\t 1656 kB\n").unwrap();
        assert_eq!(ProcFile::Kept(file).read(|text| Some(lines(text, ["VmHWM:"])[0])), Some(1656));
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "(?s).*") {
            let _ = (statm(&text), stat(&text), name(&text), lines(&text, ["VmHWM:", ""]), pids(&text), pressure(&text));
        }

        #[test]
        fn no_numbers_make_them_panic(text in "[0-9 ()\\n\\-]*") {
            let _ = (statm(&text), stat(&text), lines(&text, ["1"]), pids(&text), pressure(&text));
        }
    }
}
