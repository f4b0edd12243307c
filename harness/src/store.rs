//! Where things are: the scenarios, and the records of their runs.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

use crate::model::record::{Record, is_being_written};
use crate::screen::say;

/// The folder that holds `scenarios/`: the repository, or a bundle.
///
/// # Errors
///
/// When neither the working directory nor the folder of `lab` itself is inside of one.
pub fn root() -> Result<PathBuf> {
    // A working directory that was deleted is in no workbook.
    let here = std::env::current_dir().unwrap_or_default();
    let program = std::env::current_exe().context("the path of this program itself")?;
    let workbooks = || here.ancestors().chain(program.ancestors()).filter(|folder| is_workbook(folder));
    match (workbooks().find(|folder| is_believed(folder)), workbooks().next()) {
        (Some(folder), _) => Ok(folder.to_owned()),
        (None, Some(others)) => bail!(
            "the workbook {} belongs to another user, whose programs root doesn't run: be that user and try again",
            others.display()
        ),
        (None, None) => bail!(
            "no folder scenarios/ here or above ({}): go to the folder of the workbook and try again",
            here.display()
        ),
    }
}

/// Whether a folder is a workbook. A project may have its own folder `scenarios`.
fn is_workbook(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder.join("scenarios")).into_iter().flatten().flatten();
    entries.any(|entry| entry.path().join("scenario.toml").is_file())
}

/// Whether a workbook is to be believed. Root writes into no folder of another user, and runs nothing
/// from there. But the user who called sudo(8), and the one who owns the very program that root has
/// started, are believed already.
fn is_believed(folder: &Path) -> bool {
    let sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    let owner = |path: &Path| path.metadata().map(|data| data.uid()).ok();
    let program = std::env::current_exe().ok().and_then(|program| owner(&program));
    let is_trusted =
        |path: &Path| owner(path).is_some_and(|uid| [Some(ROOT), sudo, program].contains(&Some(uid)));
    !geteuid().is_root() || is_trusted(folder) && is_trusted(&folder.join("scenarios"))
}

const ROOT: u32 = 0;

/// The folder of all records.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store of the workbook at `root`: next to what cargo builds, or, if that can't be
    /// written, in the user's folder of state.
    ///
    /// # Errors
    ///
    /// When no folder can be written at all.
    pub fn open(root: &Path) -> Result<Self> {
        let built = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self::first_writable([built].into_iter().chain(state()))
    }

    fn first_writable(folders: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let mut refusals = Vec::new();
        for folder in folders.into_iter().map(|folder| folder.join("lab")) {
            match writable(&folder) {
                Ok(()) => return Ok(Store { folder }),
                Err(error) => refusals.push(format!("{}: {error}", folder.display())),
            }
        }
        bail!(
            "no folder for records can be written ({}): set XDG_STATE_HOME to one that can",
            refusals.join("; ")
        )
    }

    /// The store in this folder.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub(crate) fn at(folder: &Path) -> Result<Self> {
        writable(folder).with_context(|| folder.display().to_string())?;
        Ok(Store { folder: folder.to_owned() })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where runs get separate folders on the disk, for as long as they last.
    pub(crate) fn disk(&self) -> PathBuf {
        self.folder.join(DISK)
    }

    /// Where the environments of the peers are made: next to the records, which are cleaned more often.
    pub fn environments(&self) -> PathBuf {
        self.folder.with_file_name(ENVIRONMENTS)
    }

    /// Where the programs of learners are kept.
    pub(crate) fn mine(&self) -> PathBuf {
        self.folder.join(MINE)
    }

    /// Where the programs of others are built.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.folder.join(SCRATCH)
    }

    /// Where mysteries are run, and kept without their names.
    ///
    /// # Errors
    ///
    /// When it can't be made.
    pub(crate) fn mysteries(&self) -> Result<PathBuf> {
        let folder = self.folder.join(MYSTERIES);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    /// Waits until no other `lab` builds anything; until the file is dropped, none does.
    ///
    /// Cargo puts all programs of one name at one place. A build that takes its program from there must not find
    /// another build's.
    ///
    /// # Errors
    ///
    /// When the file can't be made or locked.
    pub(crate) fn building(&self) -> Result<File> {
        let path = self.building_file();
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        file.lock().with_context(|| path.display().to_string())?;
        Ok(file)
    }

    /// The file that is locked then.
    pub(crate) fn building_file(&self) -> PathBuf {
        self.folder.join(BUILDING)
    }

    /// Until the file is dropped, nobody [clears](Store::clear) the records and folders of runs.
    ///
    /// # Errors
    ///
    /// When the folder can't be opened.
    pub(crate) fn use_runs(&self) -> Result<File> {
        let folder = File::open(&self.folder).with_context(|| self.folder.display().to_string())?;
        // Where the filesystem knows no locks, it's for the user not to clean too early.
        let _ = folder.lock_shared();
        Ok(folder)
    }

    /// Deletes all records, and returns those that are in use and stay.
    ///
    /// # Errors
    ///
    /// The first file that can't be deleted.
    pub(crate) fn clear(&self) -> Result<Vec<PathBuf>> {
        let folder = File::open(&self.folder).with_context(|| self.folder.display().to_string())?;
        let runs_are_used = matches!(folder.try_lock(), Err(TryLockError::WouldBlock));
        let commands = self.folder.join(COMMANDS);
        let mut kept = Vec::new();
        for path in entries(&commands) {
            if is_being_written(&path) {
                kept.push(path);
            } else {
                remove(&path)?;
            }
        }
        // What isn't empty stays.
        let _ = fs::remove_dir(&commands);
        // Leftovers of runs on the disk are for the sweep, which knows whose they are.
        let _ = fs::remove_dir(self.disk());
        let others = [commands, self.disk(), self.folder.join(SANDBOXES)];
        for path in entries(&self.folder).filter(|path| !others.contains(path)) {
            if runs_are_used {
                kept.push(path);
            } else {
                remove(&path)?;
            }
        }
        let _ = fs::remove_dir(&self.folder);
        Ok(kept)
    }

    /// A new folder for one run of a scenario, named by the time in UTC.
    ///
    /// # Errors
    ///
    /// When it can't be made.
    pub(crate) fn begin(&self, slug: &str) -> Result<PathBuf> {
        let folder = self.fresh(slug, "")?;
        let name = folder.file_name().expect("it has just been named");
        point(&self.folder.join(slug).join(LATEST), Path::new(name));
        Ok(folder)
    }

    /// A new folder for runs of a scenario that aren't its latest run, as a sweep or a peer; `name` says
    /// which.
    ///
    /// # Errors
    ///
    /// When it can't be made.
    pub(crate) fn begin_aside(&self, slug: &str, name: &str) -> Result<PathBuf> {
        self.fresh(slug, &format!("-{name}"))
    }

    /// A new folder below that of the scenario, named by the time in UTC.
    fn fresh(&self, slug: &str, suffix: &str) -> Result<PathBuf> {
        let scenario = self.folder.join(slug);
        fs::create_dir_all(&scenario).with_context(|| scenario.display().to_string())?;
        let time = stamp();
        // Two runs may begin in one millisecond.
        for attempt in 1.. {
            let name = if attempt == 1 { time.clone() } else { format!("{time}-{attempt}") };
            let folder = scenario.join(format!("{name}{suffix}"));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| folder.display().to_string()),
            }
        }
        unreachable!("some name is free")
    }

    /// The store of the workbook that this is called in, or else the one in the user's folder of state.
    ///
    /// # Errors
    ///
    /// When no folder can be written at all.
    pub(crate) fn anywhere() -> Result<Self> {
        match root() {
            Ok(root) => Self::open(&root),
            Err(_) => Self::first_writable(state()),
        }
    }

    /// A file for the record of a command, which isn't there yet, named by the time in UTC.
    ///
    /// # Errors
    ///
    /// When its folder can't be made.
    pub(crate) fn begin_command(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(COMMANDS);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).take(40).collect();
        // Several may begin in one millisecond, but not in one process.
        Ok(folder.join(format!("{}-{}-{name}.jsonl", stamp(), std::process::id())))
    }

    /// The records of commands, the earliest first.
    pub(crate) fn commands(&self) -> Vec<PathBuf> {
        files(&self.folder.join(COMMANDS)).unwrap_or_default()
    }

    /// The latest run of a scenario, or of any.
    ///
    /// # Errors
    ///
    /// When there is none yet.
    pub fn latest(&self, slug: Option<&str>) -> Result<PathBuf> {
        let slugs = match slug {
            Some(slug) => vec![self.folder.join(slug)],
            None => fs::read_dir(&self.folder)?.flatten().map(|entry| entry.path()).collect(),
        };
        let runs = slugs.iter().filter_map(|slug| fs::canonicalize(slug.join(LATEST)).ok());
        // The folders are named by time, so the names are in the order of the times.
        match runs.max_by_key(|run| run.file_name().map(ToOwned::to_owned)) {
            Some(run) => Ok(run),
            None => bail!(
                "there is no record {}yet: `lab run {}` makes some",
                slug.map(|slug| format!("of {slug} ")).unwrap_or_default(),
                slug.unwrap_or("1")
            ),
        }
    }
}

/// The user's folder of state, as the XDG base directory specification has it.
fn state() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home)
}

/// The time that a clock which was never set would put before 1970 is the first moment of that year.
pub(crate) fn now() -> SystemTime {
    SystemTime::now().max(SystemTime::UNIX_EPOCH)
}

/// The time in UTC, as the name of a file.
fn stamp() -> String {
    humantime::format_rfc3339_millis(now()).to_string().replace([':', '-'], "")
}

/// The folder of the records of commands. It can't be a slug, since no slug has a dot.
const COMMANDS: &str = ".commands";

/// The list of what living runs have made, which is theirs (see `sandbox::ownership`).
const SANDBOXES: &str = "sandboxes";

/// The folder of the runs' folders. It can't be a slug, since no slug has a dot.
const DISK: &str = ".disk";

/// The folder of the learners' programs. It can't be a slug either.
const MINE: &str = ".my";

/// The folder of the copy in which the programs of others are built. It can't be a slug either.
const SCRATCH: &str = ".recheck";

/// The folder of the peers' environments.
const ENVIRONMENTS: &str = "lab-peer";

/// The folder of mysteries. It can't be a slug either.
const MYSTERIES: &str = ".mystery";

/// The file that is locked while something is built.
const BUILDING: &str = ".building";

/// The link to the latest run of a scenario.
const LATEST: &str = "latest";

/// The records that belong together: those in `path`, or in the folder of the file `path`.
///
/// # Errors
///
/// The first record that can't be read; or that there is none. If one record was asked for,
/// a damaged one next to it is reported and left out.
pub fn records(path: &Path) -> Result<(PathBuf, Vec<Record>)> {
    let asked = path.is_file();
    let folder = match asked {
        // The parent of a bare name isn't a folder that could be opened.
        true => path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")),
        false => path,
    };
    let mut records = Vec::new();
    for file in &files(folder)? {
        match Record::read(file) {
            Ok(record) => records.push(record),
            Err(error) if asked && file.file_name() != path.file_name() => say(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if records.is_empty() {
        bail!("{} holds no record (*.jsonl)", folder.display());
    }
    Ok((folder.to_owned(), records))
}

/// The files of records in a folder, in the order of their names.
///
/// # Errors
///
/// When the folder can't be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let all = fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten();
    let mut files: Vec<PathBuf> = all.map(|entry| entry.path()).filter(|path| is_record(path)).collect();
    files.sort();
    Ok(files)
}

/// A record, or what a recorder that was killed has left of one.
fn is_record(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".jsonl") || name.ends_with(".jsonl.part")
}

/// The contents of a folder, if it exists.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Deletes a file, or a folder with all that is in it. Others may have done so meanwhile.
fn remove(path: &Path) -> Result<()> {
    let is_folder = path.symlink_metadata().is_ok_and(|data| data.is_dir());
    match if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) } {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

fn writable(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

/// Lets the link `link` point at `target`, whatever it pointed at before.
fn point(link: &Path, target: &Path) {
    let new = link.with_extension("new");
    let _ = fs::remove_file(&new);
    // A filesystem without links has no latest run; everything else works.
    if symlink(target, &new).is_ok() {
        let _ = fs::rename(&new, link);
    }
}
