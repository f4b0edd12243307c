//! What is missing in a record may weaken what is said of it, and never changes a name.

use lab::diagnosis::{Verdict, diagnose};
use lab::model::record::Record;

use super::cases::Case;
use super::{cases, read};

/// What is said of a shorter record: the same name, or none. What only the end shows may hide the right one.
fn is_weaker(case: &Case, whole: &Record, less: &Record) -> Result<(), String> {
    let (whole, less) = (diagnose(whole), diagnose(less));
    match (whole.named(), less.named()) {
        (Some(one), Some(other)) if one.mode.id != other.mode.id => {
            Err(format!("{} became {}", one.mode.id, other.mode.id))
        }
        (None, Some(other)) if whole.verdict == Verdict::None && !case.is(other.mode.id) => {
            Err(format!("none became {}", other.mode.id))
        }
        _ => Ok(()),
    }
}

/// In each track.
const SAMPLES: usize = 400;

fn every_record_without(what: impl Fn(&Record) -> Vec<(String, Record)>) {
    let mut wrong = Vec::new();
    for case in cases::recorded() {
        let mut whole = read(&case.path);
        // There are many of them, and the longest are much longer than the others.
        whole.thin(SAMPLES);
        for (missing, less) in what(&whole) {
            if let Err(why) = is_weaker(&case, &whole, &less) {
                wrong.push(format!("{} without {missing}: {why}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_metric_that_is_missing_changes_no_name() {
    every_record_without(|whole| {
        let names: Vec<(String, String)> = whole
            .tracks
            .iter()
            .flat_map(|(track, samples)| samples.columns.keys().map(|name| (track.clone(), name.clone())))
            .collect();
        let without = |(track, name): (String, String)| {
            let mut less = whole.clone();
            less.tracks.get_mut(&track).expect("it is there").columns.remove(&name);
            less.header.metrics.remove(&name);
            if let Some(trailer) = &mut less.trailer {
                trailer.peaks.remove(&name);
            }
            (name, less)
        };
        names.into_iter().map(without).collect()
    });
}

#[test]
fn a_track_that_is_missing_changes_no_name() {
    every_record_without(|whole| {
        let without = |track: &String| {
            let mut less = whole.clone();
            for name in less.tracks.remove(track).expect("it is there").columns.into_keys() {
                less.header.metrics.remove(&name);
            }
            (track.clone(), less)
        };
        whole.tracks.keys().map(without).collect()
    });
}

/// Takes something out of a record.
type Take = fn(&mut Record);

#[test]
fn parts_that_are_no_tracks_change_no_name() {
    every_record_without(|whole| {
        let parts: [(&str, Take); 5] = [
            ("events", |record| record.events.clear()),
            ("single processes", |record| record.processes = Default::default()),
            ("ends of processes", |record| {
                record.ended.clear();
                if let Some(trailer) = &mut record.trailer {
                    trailer.processes = None;
                }
            }),
            ("evidence", |record| {
                if let Some(trailer) = &mut record.trailer {
                    trailer.evidence.clear();
                }
            }),
            ("end", |record| record.trailer = None),
        ];
        let without = |(name, take): (&str, Take)| {
            let mut less = whole.clone();
            take(&mut less);
            (name.to_owned(), less)
        };
        parts.into_iter().map(without).collect()
    });
}

#[test]
fn a_record_that_is_thinned_or_cut_changes_no_name() {
    every_record_without(|whole| {
        let mut shorter = Vec::new();
        for most in [200, 60, 24, 8] {
            let mut less = whole.clone();
            less.thin(most);
            shorter.push((format!("all but {most} samples"), less));
        }
        for tenths in [2, 5, 8] {
            let cut = whole.duration() / 10 * tenths;
            let mut end = whole.clone();
            cut_to(&mut end, 0, cut);
            end.trailer = None;
            end.ended.retain(|ended| ended.t <= cut);
            end.events.retain(|event| event.t <= cut);
            end.marks.retain(|mark| mark.t <= cut);
            shorter.push((format!("what came after {tenths} tenths"), end));
            let mut begin = whole.clone();
            cut_to(&mut begin, cut, u64::MAX);
            shorter.push((format!("samples before {tenths} tenths"), begin));
        }
        shorter
    });
}

/// Keeps the samples of a stretch of time.
fn cut_to(record: &mut Record, begin: u64, end: u64) {
    for track in record.tracks.values_mut() {
        let first = track.t.partition_point(|&t| t < begin);
        let last = track.t.partition_point(|&t| t <= end);
        let cut = |values: &mut Vec<u64>| *values = values[first..last].to_vec();
        for column in track.columns.values_mut() {
            cut(&mut column.values);
            column.peaks.as_mut().map(cut);
            if let Some(merged) = &mut column.merged {
                cut(&mut merged.lows);
                cut(&mut merged.highs);
            }
        }
        cut(&mut track.t);
    }
}
