//! The names of one rank's files among many, and where they're written first.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::files::{folder_of, is_tmpfs};
use crate::model::record::{Place, followed};

/// What may be in a name, with its meaning.
const PLACEHOLDERS: &[(char, &str)] = &[
    ('j', "job"),
    ('s', "step"),
    ('N', "node"),
    ('r', "rank"),
    ('a', "array task"),
    ('h', "host"),
    ('p', "process of the recorder"),
    ('%', "a percent sign"),
];

/// What stands for a part that the launcher hasn't given.
const NONE: &str = "none";

/// A name with its placeholders filled in. If several ranks or tasks of an array share a name that doesn't
/// distinguish them, their numbers are added to it, since all would write the same file.
///
/// # Errors
///
/// A placeholder that doesn't exist, with those that do.
pub(crate) fn named(path: &Path, place: &Place) -> Result<PathBuf> {
    let mut name = Vec::new();
    let (mut has_rank, mut has_task) = (false, false);
    let mut bytes = path.as_os_str().as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            name.push(byte);
            continue;
        }
        let number =
            |number: Option<u64>| number.map_or_else(|| NONE.to_owned(), |number| number.to_string());
        let text = |text: Option<&str>| plain(text.unwrap_or(NONE));
        let letter = bytes.next().map_or('\0', |&byte| char::from(byte));
        has_rank |= matches!(letter, 'r' | 'p');
        has_task |= matches!(letter, 'a' | 'p' | 'j');
        let part = match letter {
            'j' => text(place.job.as_deref()),
            's' => text(place.step.as_deref()),
            'N' => plain(place.node()),
            'r' => number(place.rank),
            'a' => number(place.array_task),
            'h' => plain(&place.host),
            'p' => std::process::id().to_string(),
            '%' => "%".to_owned(),
            _ => bail!(
                "{}: % has to be followed by one of {}",
                path.display(),
                PLACEHOLDERS
                    .iter()
                    .map(|(letter, what)| format!("{letter} ({what})"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        name.extend(part.into_bytes());
    }
    let path = PathBuf::from(OsString::from_vec(name));
    // A device or a pipe is for all of them.
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return Ok(path);
    }
    let task = place.array_task.filter(|_| !has_task);
    let rank = place.rank.filter(|_| !has_rank && place.is_one_of_several());
    Ok(task.into_iter().chain(rank).fold(path, |path, number| suffixed(&path, number)))
}

/// A name with a number before its extension.
fn suffixed(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A part of a name: a scheduler's words aren't to lead to another folder.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.[]".contains(c) { c } else { '_' }).collect()
}

/// Where on this machine the record `path` of a job is written first: a folder for temporary files on a disk, if the
/// record belongs to another file system, as a shared one.
///
/// A tmpfs isn't one: its files count as memory of the job, which is being measured.
pub(crate) fn first_place(path: &Path) -> Option<PathBuf> {
    let path = followed(path).ok()?;
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return None;
    }
    let target = folder_of(&path).metadata().ok()?.dev();
    let named = std::env::var_os("TMPDIR").map(PathBuf::from);
    let folders = named.into_iter().chain(["/tmp", "/var/tmp"].map(PathBuf::from));
    let mut disks = folders
        .filter(|folder| !is_tmpfs(folder))
        .filter_map(|folder| Some((folder.metadata().ok()?, folder)));
    let (data, folder) =
        disks.find(|(data, folder)| data.is_dir() && tempfile::tempfile_in(folder).is_ok())?;
    (data.dev() != target).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(rank: u64, ranks: u64) -> Place {
        Place {
            host: "n1.example".into(),
            job: Some("7".into()),
            step: Some("0".into()),
            node: Some("n1".into()),
            rank: Some(rank),
            ranks: Some(ranks),
            ..Place::default()
        }
    }

    fn name(text: &str, place: &Place) -> String {
        named(Path::new(text), place).unwrap().display().to_string()
    }

    #[test]
    fn placeholders_are_filled_in_and_what_is_not_known_is_none() {
        let place = rank(3, 8);
        assert_eq!(name("a/run-%j.%s-%N-%r.jsonl", &place), "a/run-7.0-n1-3.jsonl");
        assert_eq!(name("%h/100%%-%p", &place), format!("n1.example/100%-{}", std::process::id()));
        assert_eq!(name("%j-%s-%r-%a", &Place::default()), "none-none-none-none");
        let odd = Place { job: Some("../7;x".into()), ..Place::default() };
        assert_eq!(name("%j", &odd), ".._7_x");
    }

    #[test]
    fn ranks_and_tasks_that_share_a_name_get_their_numbers() {
        assert_eq!(name("out/run.jsonl", &rank(3, 8)), "out/run-3.jsonl");
        assert_eq!(name("run", &rank(3, 8)), "run-3");
        assert_eq!(name("run.jsonl", &rank(0, 1)), "run.jsonl");
        let task = Place { array_task: Some(5), ..rank(3, 8) };
        assert_eq!(name("run.jsonl", &task), "run-5-3.jsonl");
        assert_eq!(name("run-%a-%r.jsonl", &task), "run-5-3.jsonl");
        assert_eq!(name("/dev/null", &task), "/dev/null");
    }

    #[test]
    fn an_unknown_placeholder_is_refused_with_those_that_there_are() {
        for bad in ["run-%x", "run-%", "%é"] {
            let error = named(Path::new(bad), &Place::default()).unwrap_err().to_string();
            assert!(error.contains("j (job)") && error.contains("p (process"), "{error}");
        }
    }

    #[test]
    fn a_record_is_written_first_where_it_stays_if_that_is_on_a_disk_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        // The folder for temporary files and a folder in it are on one file system.
        assert_eq!(first_place(&folder.path().join("r.jsonl")), None);
        assert_eq!(first_place(Path::new("/dev/null")), None);
        assert_eq!(first_place(&folder.path().join("none/r.jsonl")), None);
    }
}
