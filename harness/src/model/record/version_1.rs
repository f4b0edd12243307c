//! Records of the first version of the format, read as if they were of today's.
//!
//! That version had high-water marks in separate columns, recognised by the end of their names. Nothing but this file
//! knows about it.

use super::Header;
use crate::model::series::Track;

/// The end of the name of a column that holds the high-water marks of another one.
const PEAKS: &str = "_peak";

/// Metrics that have another name today.
const RENAMED: [(&str, &str); 1] = [("held", "open_memory_files")];

/// The name that a metric has today.
pub(crate) fn name_today(name: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

/// Gives a header of that version its high-water marks and today's names.
pub(super) fn header(header: &mut Header) {
    let names: Vec<String> = header.metrics.keys().cloned().collect();
    for name in names {
        let plain = name.strip_suffix(PEAKS).filter(|plain| header.metrics.contains_key(*plain));
        if let Some(plain) = plain {
            let source = header.metrics.remove(&name).expect("it is one of the keys");
            header.peaks.insert(plain.to_owned(), source);
        }
    }
    for (old, new) in RENAMED {
        if let Some(source) = header.metrics.remove(old) {
            header.metrics.insert(new.to_owned(), source);
        }
    }
}

/// Gives a track of that version its high-water marks and today's names.
pub(super) fn track(track: &mut Track) {
    let names: Vec<String> = track.columns.keys().cloned().collect();
    for name in names {
        let plain = name.strip_suffix(PEAKS).filter(|plain| track.columns.contains_key(*plain));
        if let Some(plain) = plain {
            let peaks = track.columns.remove(&name).expect("it is one of the keys").values;
            track.columns.get_mut(plain).expect("it was found").peaks = Some(peaks);
        }
    }
    for (old, new) in RENAMED {
        if let Some(column) = track.columns.remove(old) {
            track.columns.insert(new.to_owned(), column);
        }
    }
}
