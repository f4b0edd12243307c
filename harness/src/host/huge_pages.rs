//! Whether a program that asks for huge pages gets them: tried out with one.

use std::{fs, io};

use memmap2::{Advice, MmapMut};
use procfs::process::{Process, SmapsRollup};

/// Where the kernel says how it deals with transparent huge pages.
const FOLDER: &str = "/sys/kernel/mm/transparent_hugepage";

/// The huge page that the sizes of scenarios are made for: the one of x86-64, and of arm64 with pages of 4 KiB.
const HUGE: usize = 2 << 20;

/// Whether memory that asks for huge pages gets them, or why not.
pub(super) fn probe() -> Result<(), String> {
    let size = fs::read_to_string(format!("{FOLDER}/hpage_pmd_size")).ok();
    let size: usize = size
        .and_then(|size| size.trim().parse().ok())
        .ok_or("this machine's kernel has no transparent huge pages")?;
    if size != HUGE {
        let (size, ours) = (size >> 20, HUGE >> 20);
        return Err(format!(
            "a huge page has {size} MiB on this machine, and the sizes are made for {ours} MiB"
        ));
    }
    if chosen(&format!("{FOLDER}/enabled")) == "never" {
        return Err("transparent huge pages are switched off on this machine".to_owned());
    }
    match get_one() {
        Ok(true) => Ok(()),
        Ok(false) => {
            Err("this machine gave no huge page for memory that had asked for one: its memory may be in \
                          pieces that are too small, or this process may have none (PR_SET_THP_DISABLE)"
                .to_owned())
        }
        Err(error) => Err(format!("whether this machine gives huge pages can't be seen: {error}")),
    }
}

/// Touches one byte of memory that has asked for huge pages, and looks whether it is in one.
fn get_one() -> io::Result<bool> {
    let before = in_huge_pages()?;
    // Wherever the map begins, there is a whole huge page in it.
    let mut map = MmapMut::map_anon(2 * HUGE)?;
    map.advise(Advice::HugePage)?;
    let whole = map.as_ptr().align_offset(HUGE);
    map[whole] = 1;
    Ok(in_huge_pages()? >= before + HUGE)
}

/// Anonymous memory of this process in huge pages, in bytes (proc_pid_smaps(5)).
fn in_huge_pages() -> io::Result<usize> {
    let rollup = Process::myself().and_then(|me| me.smaps_rollup()).map_err(io::Error::other)?;
    huge_bytes(&rollup).ok_or_else(|| io::Error::other("no AnonHugePages in /proc/self/smaps_rollup"))
}

/// The bytes in huge pages.
fn huge_bytes(rollup: &SmapsRollup) -> Option<usize> {
    let bytes = rollup.memory_map_rollup.0.first()?.extension.map.get("AnonHugePages")?;
    usize::try_from(*bytes).ok()
}

/// The word in brackets of a file such as `always [madvise] never`.
pub(super) fn chosen(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let word = text.split_whitespace().find_map(|word| word.strip_prefix('[')?.strip_suffix(']'));
    word.unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use procfs::FromRead;

    use super::*;

    #[test]
    fn what_is_in_huge_pages_is_read_in_bytes() {
        let huge = |lines: &str| {
            let text = format!("00400000-7ffd0000 ---p 00000000 00:00 0    [rollup]\n{lines}");
            huge_bytes(&SmapsRollup::from_read(text.as_bytes()).unwrap())
        };
        let rollup =
            "Anonymous:          8192 kB\nAnonHugePages:      4096 kB\nShmemPmdMapped:        0 kB\n";
        assert_eq!(huge(rollup), Some(2 * HUGE));
        assert_eq!(huge("Anonymous: 8192 kB\n"), None);
    }
}
