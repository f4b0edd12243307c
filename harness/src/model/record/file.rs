//! The file of a record, and how it is read.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::libc::O_NONBLOCK;

use super::{Line, Record, SCHEMA};

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file could not be opened, read or written.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {what}. The record is damaged; run it again for a new one", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The file was written by a newer program.
    #[error("{path} has format {found}, and this lab reads formats up to {SCHEMA}: use a newer lab to read it", path = path.display())]
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
    /// The error says which line is damaged, or that the file is newer than this program. A
    /// last line that was cut off is no error: the recorder was killed while it wrote.
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

    pub(super) fn parse(path: &Path, mut file: impl BufRead, most: usize) -> Result<Self, RecordError> {
        let mut record: Option<Record> = None;
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            (&mut file)
                .take(LONGEST)
                .read_until(b'\n', &mut text)
                .map_err(|error| RecordError::File { path: path.to_owned(), error })?;
            let damaged = |what: String| RecordError::Damaged { path: path.to_owned(), line: number, what };
            if text.is_empty() {
                break;
            }
            if text.len() as u64 == LONGEST {
                return Err(damaged("it is longer than any line of a record".into()));
            }
            let line: Line = match serde_json::from_slice(&text) {
                Ok(line) => line,
                Err(_) if record.is_some() && text.last() != Some(&b'\n') => break,
                Err(error) => {
                    if let (None, Some(found)) = (&record, schema_of(&text))
                        && found > u64::from(SCHEMA)
                    {
                        return Err(RecordError::Newer { path: path.to_owned(), found });
                    }
                    return Err(damaged(error.to_string()));
                }
            };
            match (&mut record, line) {
                (None, Line::Header(header)) if header.schema > SCHEMA => {
                    return Err(RecordError::Newer { path: path.to_owned(), found: header.schema.into() });
                }
                (None, Line::Header(header)) => record = Some(Record::new(*header)),
                (None, _) => return Err(damaged("the first line is not a header".into())),
                (Some(record), line) => {
                    record.push(line).map_err(damaged)?;
                    record.thin(most);
                }
            }
        }
        record.ok_or_else(|| RecordError::Damaged {
            path: path.to_owned(),
            line: 1,
            what: "the file is empty".into(),
        })
    }
}

/// No line of a record has so many bytes, even if its command has all the arguments that the kernel allows.
const LONGEST: u64 = 32 << 20;

/// The format's version in a header that could not be read whole.
fn schema_of(text: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(text).ok()?.get("header")?.get("schema")?.as_u64()
}
