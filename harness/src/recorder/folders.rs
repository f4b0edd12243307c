//! Files grouped by the folders that they are in, and the processes that have made them, as far as that can be known.
//!
//! No file system remembers who made a file. But many programs write their own number into its name, or into that of
//! its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::model::record::{Maker, SharedFolder};

/// A file that was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Where it is, below the folder that was searched.
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// When it was last written to, in microseconds.
    pub(super) written: u64,
    pub(super) inode: u64,
}

/// So many folders are described, and so many makers of the files in one.
const DESCRIBED: usize = 20;

/// The largest folders. `seen` has the processes of the run by the numbers that they have for themselves. `holders` has
/// the processes that hold a file, by its inode, and `living` those that lived when the files were found.
pub(super) fn grouped(
    files: Vec<Found>,
    seen: &BTreeMap<i32, i32>,
    holders: &BTreeMap<u64, i32>,
    living: &BTreeSet<i32>,
) -> Vec<SharedFolder> {
    let makers = makers(&files, seen);
    let mut folders: BTreeMap<PathBuf, Vec<(Found, Option<i32>)>> = BTreeMap::new();
    for (file, maker) in files.into_iter().zip(makers) {
        let maker = maker.or_else(|| holders.get(&file.inode).copied());
        let folder = file.path.parent().map(PathBuf::from).unwrap_or_default();
        folders.entry(folder).or_default().push((file, maker));
    }
    let described = folders.into_iter().map(|(folder, files)| {
        let folder = folder.to_string_lossy().into_owned();
        described(folder, &files, living)
    });
    let mut folders: Vec<SharedFolder> = described.collect();
    folders.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.folder.cmp(&b.folder)));
    folders.truncate(DESCRIBED);
    folders
}

fn described(folder: String, files: &[(Found, Option<i32>)], living: &BTreeSet<i32>) -> SharedFolder {
    let mut sizes: Vec<u64> = files.iter().map(|(file, _)| file.bytes).collect();
    sizes.sort_unstable();
    let written = || files.iter().map(|(file, _)| file.written);
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for maker in files.iter().filter_map(|(_, maker)| *maker) {
        *counts.entry(maker).or_default() += 1;
    }
    let known: u64 = counts.values().sum();
    let maker = |(pid, files)| Maker { pid, files, is_alive: living.contains(&pid) };
    let mut makers: Vec<Maker> = counts.into_iter().map(maker).collect();
    makers.sort_by_key(|maker| std::cmp::Reverse(maker.files));
    makers.truncate(DESCRIBED);
    SharedFolder {
        folder,
        files: sizes.len() as u64,
        bytes: sizes.iter().sum(),
        largest: sizes.last().copied().unwrap_or(0),
        typical: sizes.get(sizes.len() / 2).copied().unwrap_or(0),
        oldest: written().min().unwrap_or(0),
        newest: written().max().unwrap_or(0),
        makers,
        of_unknown_makers: sizes.len() as u64 - known,
    }
}

/// The maker of each file by the number in its path.
///
/// Numbers are also counts, and small ones may be both. So a number only counts where in every path of the same form a
/// process's stands in its place: of `part-0`, `part-1` and `part-2`, none was made by process 2.
fn makers(files: &[Found], seen: &BTreeMap<i32, i32>) -> Vec<Option<i32>> {
    let forms: Vec<(String, Vec<i32>)> =
        files.iter().map(|file| form(&file.path.to_string_lossy())).collect();
    let mut in_all: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for (form, numbers) in &forms {
        let places = in_all.entry(form).or_insert_with(|| vec![true; numbers.len()]);
        for (place, number) in places.iter_mut().zip(numbers) {
            *place &= seen.contains_key(number);
        }
    }
    let maker = |(form, numbers): &(String, Vec<i32>)| {
        let place = in_all[form.as_str()].iter().position(|is_process| *is_process)?;
        seen.get(&numbers[place]).copied()
    };
    forms.iter().map(maker).collect()
}

/// A path with a sign instead of each number that stands alone, and these numbers.
fn form(path: &str) -> (String, Vec<i32>) {
    let (mut form, mut numbers) = (String::new(), Vec::new());
    for word in path.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let end = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()).len();
        // A process number doesn't begin with a zero.
        match word[..end].parse().ok().filter(|_| !word.starts_with('0')) {
            Some(number) => {
                numbers.push(number);
                form.push('#');
                form.push_str(&word[end..]);
            }
            None => form.push_str(word),
        }
    }
    (form, numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(files: &[(&str, u64)]) -> Vec<Found> {
        let found = |(inode, (path, mib)): (usize, &(&str, u64))| {
            let (path, inode) = (PathBuf::from(path), inode as u64);
            Found { path, bytes: mib << 20, written: 1000 * inode, inode }
        };
        files.iter().enumerate().map(found).collect()
    }

    fn maker(pid: i32, files: u64, is_alive: bool) -> Maker {
        Maker { pid, files, is_alive }
    }

    #[test]
    fn files_are_grouped_by_folder_with_the_makers_that_their_names_say() {
        let files = found(&[
            ("pool_2_ab/2-1.pkl", 8),
            ("pool_2_ab/2-2.pkl", 4),
            ("pool_2_ab/2-0.pkl", 6),
            ("psm_4f2a", 3),
            ("psm_00ff", 1),
        ]);
        let (seen, holders) = (BTreeMap::from([(2, 4712), (3, 4713)]), BTreeMap::from([(3, 4713)]));
        let folders = grouped(files, &seen, &holders, &BTreeSet::from([4713]));
        let pool = SharedFolder {
            folder: "pool_2_ab".into(),
            files: 3,
            bytes: 18 << 20,
            largest: 8 << 20,
            typical: 6 << 20,
            oldest: 0,
            newest: 2000,
            makers: vec![maker(4712, 3, false)],
            of_unknown_makers: 0,
        };
        assert_eq!(folders[0], pool);
        let SharedFolder { folder, files, makers, of_unknown_makers, .. } = &folders[1];
        assert_eq!((folder.as_str(), files, of_unknown_makers), ("", &2, &1));
        assert_eq!(makers, &[maker(4713, 1, true)]);
    }

    #[test]
    fn a_number_that_only_counts_is_no_maker() {
        let seen = BTreeMap::from([(2, 2), (3, 3), (12, 12)]);
        let of = |files: &[(&str, u64)]| makers(&found(files), &seen);
        assert_eq!(of(&[("part-1", 1), ("part-2", 1), ("part-3", 1)]), [None, None, None]);
        assert_eq!(of(&[("12", 1), ("a12", 1), ("012", 1), ("a.12.x", 1)]), [Some(12), None, None, Some(12)]);
        assert_eq!(of(&[("3-7", 1), ("2-8", 1)]), [Some(3), Some(2)]);
    }

    #[test]
    fn only_the_largest_folders_are_described() {
        let paths: Vec<String> = (1..=30).map(|folder| format!("d{folder}/file")).collect();
        let files: Vec<(&str, u64)> = paths.iter().map(String::as_str).zip(1..).collect();
        let folders = grouped(found(&files), &BTreeMap::new(), &BTreeMap::new(), &BTreeSet::new());
        assert_eq!((folders.len(), folders[0].folder.as_str()), (DESCRIBED, "d30"));
    }

    proptest! {
        #[test]
        fn no_path_is_too_strange(path in "(?s).{0,20}") {
            let (_, numbers) = form(&path);
            prop_assert!(numbers.len() <= path.len());
        }
    }
}
