//! An independent look for leftovers: it knows the names that `lab` gives, and nothing else of it.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use libtest_mimic::{Completion, Failed, Trial};

use crate::stage::programs;

/// What was there before the first trial, and isn't ours.
pub(crate) struct Before(BTreeSet<String>);

impl Before {
    pub(crate) fn look() -> Self {
        Before(all())
    }

    /// What has come since and stays, when what is going has had time to go.
    pub(crate) fn left(&self) -> BTreeSet<String> {
        let mut left = &all() - &self.0;
        for _ in 0..200 {
            if left.is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
            // Others may run a `lab` of their own meanwhile; what they make has other names each time.
            left = &left & &all();
        }
        left
    }
}

/// The folders of runs in this one.
pub(crate) fn folders_of_runs(place: &Path) -> impl Iterator<Item = String> + use<> {
    folders(place).filter(|folder| is_of_a_run(folder)).map(|folder| named(&folder))
}

/// What looks like ours: groups at any depth, folders where they are made, and processes.
fn all() -> BTreeSet<String> {
    let mut found = processes();
    for place in [Path::new("/dev/shm"), Path::new("/tmp"), &std::env::temp_dir()] {
        found.extend(folders_of_runs(place));
    }
    let mut groups = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(group) = groups.pop() {
        found.extend(folders_of_runs(&group));
        groups.extend(folders(&group));
    }
    found
}

fn named(folder: &Path) -> String {
    folder.display().to_string()
}

/// Whether a folder or group is named as that of a run: `lab-` and 16 hexadecimal digits.
fn is_of_a_run(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let digits = name.strip_prefix("lab-").unwrap_or_default();
    digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
}

/// The folders in this one. Links aren't followed.
fn folders(place: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path())
}

/// The processes that run a program of the cases, or were given one.
fn processes() -> BTreeSet<String> {
    let described = |pid: i32| {
        let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        let is_ours = program.starts_with(programs()) || words.contains(&named(programs()));
        is_ours.then(|| format!("process {pid}: {words}"))
    };
    let entries = fs::read_dir("/proc").expect("/proc is mounted").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(described).collect()
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::ignorable_test("the_look_for_leftovers_finds_each_kind", finds_each_kind)]
}

/// One of each kind is made by hand, is found, and isn't found any more when it is gone.
fn finds_each_kind() -> Result<Completion, Failed> {
    let name = format!("lab-{:016x}", fastrand::u64(..));
    let groups = ["/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"].map(PathBuf::from);
    let places = groups.into_iter().chain(["/dev/shm".into(), std::env::temp_dir()]);
    // An ordinary user makes no groups.
    let planted = places.map(|place| place.join(&name)).filter(|path| DirBuilder::new().create(path).is_ok());
    let planted: Vec<PathBuf> = planted.collect();
    let mut process = Command::new("sleep").arg0(programs().join("lab")).arg("600").spawn()?;
    let is_process = |found: &String| found.starts_with(&format!("process {}:", process.id()));
    let finds_process = |found: &BTreeSet<String>| found.iter().any(is_process);
    // A process that was just started has no arguments yet: the parent goes on before the kernel has laid them out.
    let mut found = all();
    for _ in 0..100 {
        if finds_process(&found) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        found = all();
    }
    let missed: Vec<_> = planted.iter().filter(|path| !found.contains(&named(path))).collect();
    let finds_processes = finds_process(&found);
    process.kill()?;
    process.wait()?;
    planted.iter().try_for_each(fs::remove_dir)?;
    if planted.is_empty() || !missed.is_empty() || !finds_processes {
        return Err(format!("of {planted:?} not found: {missed:?}; a process: {finds_processes}").into());
    }
    let still: Vec<String> = all().into_iter().filter(|found| found.contains(&name)).collect();
    if still.is_empty() { Ok(Completion::Completed) } else { Err(format!("found: {still:?}").into()) }
}
