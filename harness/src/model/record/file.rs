//! The file of a record, and how it is read.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::libc::O_NONBLOCK;

use super::{Line, Record, SCHEMA};
use crate::name::program;

/// Why a record couldn't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file couldn't be opened, read or written.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The record is finished on this machine, and couldn't be moved to where it was to go.
    #[error("{path}: {error}; the record is {local}", path = path.display(), local = local.display())]
    Stays {
        /// Where it was to go.
        path: PathBuf,
        /// Where it is.
        local: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line isn't what it should be.
    #[error("{path}, line {line}: {what}. The record is damaged; run it again for a new one", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// The mistake in it.
        what: String,
    },
    /// The file was written by a newer program.
    #[error("{path} has format {found}, and this {lab} reads formats up to {SCHEMA}: use a newer {lab} to read it", path = path.display(), lab = program())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u64,
    },
}

impl Record {
    /// Reads a record from its file.
    ///
    /// # Errors
    ///
    /// The error says which line is damaged, or that the file is newer than this program. A last line that was cut
    /// off isn't an error: the recorder was killed while it wrote.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        Self::read_thinned(path, usize::MAX)
    }

    /// Reads a record, and holds at most about so many samples of each track: see [`Record::thin`].
    ///
    /// # Errors
    ///
    /// As [`Record::read`].
    pub fn read_thinned(path: &Path, most: usize) -> Result<Self, RecordError> {
        let failed = |error| RecordError::File { path: path.to_owned(), error };
        // Opening a pipe would wait for somebody who writes to it.
        let file = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("it isn't a file")));
        }
        Self::parse(path, BufReader::new(file), most)
    }

    pub(super) fn parse(path: &Path, file: impl BufRead, most: usize) -> Result<Self, RecordError> {
        let mut lines = Reader::new(path, file);
        let header = match lines.next()? {
            Some(Line::Header(header)) => header,
            Some(_) => return Err(lines.damaged("the first line isn't a header")),
            None => return Err(lines.damaged("the file is empty")),
        };
        let mut record = Record::new(*header);
        while let Some(line) = lines.next()? {
            record.push(line).map_err(|what| lines.damaged(&what))?;
            if lines.is_time_to_thin() {
                record.thin(most);
            }
        }
        record.thin(most);
        Ok(record)
    }
}

/// The lines of a record, one after the other.
pub(super) struct Reader<'a, R> {
    path: &'a Path,
    file: R,
    /// The number of the last line that was read.
    number: usize,
    /// The bytes up to its end.
    offset: u64,
    text: Vec<u8>,
}

impl<'a, R: BufRead> Reader<'a, R> {
    /// Reads from the beginning of `file`; `path` is for the messages of errors.
    pub(super) fn new(path: &'a Path, file: R) -> Self {
        Reader { path, file, number: 0, offset: 0, text: Vec::new() }
    }

    /// Where the last line ended, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether so many lines were read that it is worth looking at each track whether it is too long.
    pub(super) fn is_time_to_thin(&self) -> bool {
        self.number.is_multiple_of(64)
    }

    /// The next line; `None` at the end, and where the last one was cut off.
    ///
    /// # Errors
    ///
    /// Which line is damaged, or that the file is newer than this program.
    pub(super) fn next(&mut self) -> Result<Option<Line>, RecordError> {
        self.text.clear();
        self.number += 1;
        (&mut self.file)
            .take(LONGEST)
            .read_until(b'\n', &mut self.text)
            .map_err(|error| RecordError::File { path: self.path.to_owned(), error })?;
        self.offset += self.text.len() as u64;
        if self.text.is_empty() {
            return Ok(None);
        }
        if self.text.len() as u64 == LONGEST {
            return Err(self.damaged("it is longer than any line of a record"));
        }
        let newer = |found| RecordError::Newer { path: self.path.to_owned(), found };
        let is_newer = |found: &u64| *found > u64::from(SCHEMA);
        match serde_json::from_slice(&self.text) {
            Ok(Line::Header(header)) if is_newer(&header.schema.into()) => Err(newer(header.schema.into())),
            Ok(line) => Ok(Some(line)),
            Err(_) if self.number > 1 && self.text.last() != Some(&b'\n') => Ok(None),
            Err(error) => Err(match schema_of(&self.text).filter(is_newer) {
                Some(found) if self.number == 1 => newer(found),
                _ => self.damaged(&error.to_string()),
            }),
        }
    }

    fn damaged(&self, what: &str) -> RecordError {
        RecordError::Damaged { path: self.path.to_owned(), line: self.number, what: what.to_owned() }
    }
}

/// No line of a record has so many bytes, even if its command has all the arguments that the kernel allows.
pub(super) const LONGEST: u64 = 32 << 20;

/// The format's version in a header that couldn't be read whole.
fn schema_of(text: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(text).ok()?.get("header")?.get("schema")?.as_u64()
}
