//! What a second run, with the change that tells, makes of an answer that was left open.

use std::path::{Path, PathBuf};

use lab::diagnosis::{Diagnosis, Found, memory};
use lab::model::record::Record;

use super::read;

/// Where the second runs of a program are: each is named after the first mode that it tells of.
pub(crate) fn folder(path: &Path) -> PathBuf {
    let kind = path.parent().expect("it is in a folder");
    let name = path.file_stem().expect("it has a name");
    kind.with_file_name("trials").join(name)
}

/// The only mode that the second runs confirm, if there is one.
pub(crate) fn confirmed(path: &Path, before: &Record, diagnosis: &Diagnosis) -> Option<&'static str> {
    let candidates = || diagnosis.candidates().map(|judged| judged.mode);
    let mut confirmed = Vec::new();
    for mode in candidates() {
        // What can't tell isn't tried, whatever was recorded once.
        let Some(change) = mode.change().filter(|&change| memory(change, before).is_ok()) else { continue };
        let first = candidates().find(|other| other.change() == Some(change)).expect("it is one of them");
        let after = folder(path).join(first.id).with_extension("jsonl");
        if after.exists()
            && let Found::Confirmed(_) = mode.found(before, &read(&after))
        {
            confirmed.push(mode.id);
        }
    }
    match confirmed[..] {
        [only] => Some(only),
        _ => None,
    }
}
