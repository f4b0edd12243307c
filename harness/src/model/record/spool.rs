//! A record that is written on a disk of this machine, and its copy in a shared folder, which follows it.
//!
//! A shared file system may be slow, full or away for a while, and the program must not wait for that. But a recorder
//! that's killed together with its program can't move anything, and the disk of a node is soon out of reach. So a
//! thread updates the copy every few seconds, and a killed recorder loses only those.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::part::part_of;

/// How often the copy is brought up to date.
const EVERY: Duration = Duration::from_secs(2);

/// How long the end of a run waits for its shared folder.
const PATIENCE: Duration = Duration::from_secs(60);

/// The copy of a record that is being written.
#[derive(Debug)]
pub(super) struct Spool {
    /// The folder of the record on this machine, which has nothing else.
    folder: PathBuf,
    /// Says that the record is finished, under its last name on this machine.
    over: Sender<PathBuf>,
    /// What became of the copy.
    done: Receiver<io::Result<()>>,
}

impl Spool {
    /// Begins a copy that is called `shared` when it is finished; `part` is the record as it is being written, alone in
    /// its folder.
    ///
    /// # Errors
    ///
    /// The first part of the copy can't be made, or no thread started.
    pub(super) fn begin(part: &Path, shared: &Path) -> io::Result<Self> {
        let folder = part.parent().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let (over, is_over) = mpsc::channel::<PathBuf>();
        let (tell, done) = mpsc::channel();
        let mut copy = Copy::begin(shared)?;
        let part = part.to_owned();
        let follow = move || {
            loop {
                match is_over.recv_timeout(EVERY) {
                    // What fails now may go well the next time.
                    Err(RecvTimeoutError::Timeout) => drop(copy.catch_up(&part)),
                    Ok(last) => return drop(tell.send(copy.catch_up(&last).and_then(|()| copy.finish()))),
                    // The record was given up: what there is of it stays.
                    Err(RecvTimeoutError::Disconnected) => return drop(copy.catch_up(&part)),
                }
            }
        };
        thread::Builder::new().name("spool".into()).spawn(follow)?;
        Ok(Spool { folder, over, done })
    }

    /// Finishes the copy of the record, which is finished at `last` on this machine, and takes that away.
    ///
    /// # Errors
    ///
    /// The copy's. Then the one on this machine stays.
    pub(super) fn finish(self, last: &Path) -> io::Result<()> {
        let gone = || io::Error::other("its copy has stopped");
        self.over.send(last.to_owned()).map_err(|_| gone())?;
        match self.done.recv_timeout(PATIENCE) {
            Ok(copied) => copied?,
            Err(RecvTimeoutError::Timeout) => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the shared folder doesn't answer"));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        }
        // What can't be taken away now is for whoever cleans the folder of temporary files.
        let _ = fs::remove_dir_all(&self.folder);
        Ok(())
    }
}

/// A file that follows another one.
struct Copy {
    shared: PathBuf,
    file: File,
    part: PathBuf,
    /// The file that it follows, and how far it has come; `None` if it must begin again.
    from: Option<(u64, File)>,
}

impl Copy {
    fn begin(shared: &Path) -> io::Result<Self> {
        let (file, part) = part_of(shared)?;
        if let Ok(there) = shared.metadata() {
            file.set_permissions(there.permissions())?;
        }
        Ok(Copy { shared: shared.to_owned(), file, part, from: None })
    }

    /// Adds the lines written since. A shortened record is another file: its copy is a new one, which replaces the
    /// old one when it's whole.
    fn catch_up(&mut self, record: &Path) -> io::Result<()> {
        let now = File::open(record)?;
        let number = now.metadata()?.ino();
        // A copy that failed before its end must not go on.
        let (mut from, begins_again) = match self.from.take() {
            Some((known, from)) if known == number => (from, false),
            _ => (now, self.file.metadata()?.len() > 0),
        };
        if begins_again {
            let (mut file, part) = part_of(&self.shared)?;
            file.set_permissions(self.file.metadata()?.permissions())?;
            io::copy(&mut from, &mut file)?;
            fs::rename(&part, &self.part)?;
            self.file = file;
        } else {
            io::copy(&mut from, &mut self.file)?;
        }
        self.from = Some((number, from));
        Ok(())
    }

    fn finish(&self) -> io::Result<()> {
        // Some shared file systems only report a lack of room here.
        self.file.sync_all()?;
        fs::rename(&self.part, &self.shared)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::model::record::tests::names;

    /// A record in a separate folder, its final folder, and its name there.
    fn places() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["local", "shared"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let (part, shared) = (folder.path().join("local/r.part"), folder.path().join("shared/r"));
        (folder, part, shared)
    }

    #[test]
    fn a_copy_follows_what_is_added_and_what_was_made_shorter() {
        let (_folder, part, shared) = places();
        let mut copy = Copy::begin(&shared).unwrap();
        let there = || fs::read_to_string(shared.with_file_name("r.part")).unwrap();
        let mut record = File::create(&part).unwrap();
        record.write_all(b"one\n").unwrap();
        copy.catch_up(&part).unwrap();
        assert_eq!(there(), "one\n");
        record.write_all(b"two\n").unwrap();
        copy.catch_up(&part).unwrap();
        assert_eq!(there(), "one\ntwo\n");
        let short = part.with_file_name("short");
        fs::write(&short, "both\n").unwrap();
        fs::rename(&short, &part).unwrap();
        copy.catch_up(&part).unwrap();
        assert_eq!(there(), "both\n");
        copy.finish().unwrap();
        assert_eq!(
            (names(shared.parent().unwrap()), fs::read_to_string(&shared).unwrap()),
            (vec!["r".into()], "both\n".into())
        );
    }

    #[test]
    fn a_finished_record_is_moved_and_one_that_is_given_up_leaves_what_there_is() {
        let (folder, part, shared) = places();
        let spool = Spool::begin(&part, &shared).unwrap();
        fs::write(&part, "whole\n").unwrap();
        let last = part.with_file_name("r");
        fs::rename(&part, &last).unwrap();
        spool.finish(&last).unwrap();
        assert_eq!(names(folder.path()), ["shared"]);
        assert_eq!(names(shared.parent().unwrap()), ["r"]);

        let (_folder, part, shared) = places();
        fs::write(&part, "half").unwrap();
        drop(Spool::begin(&part, &shared).unwrap());
        let copied = || fs::read(shared.with_file_name("r.part")).is_ok_and(|text| text == b"half");
        // The thread has seen the end when it has time.
        while !copied() {
            thread::yield_now();
        }
        assert_eq!(
            (names(part.parent().unwrap()), names(shared.parent().unwrap())),
            (vec!["r.part".into()], vec!["r.part".into()])
        );
    }

    #[test]
    fn a_shared_folder_that_is_gone_leaves_the_record_on_this_machine() {
        let (_folder, part, shared) = places();
        let spool = Spool::begin(&part, &shared).unwrap();
        fs::write(&part, "whole\n").unwrap();
        fs::remove_dir_all(shared.parent().unwrap()).unwrap();
        spool.finish(&part).unwrap_err();
        assert_eq!(fs::read_to_string(&part).unwrap(), "whole\n");
    }
}
