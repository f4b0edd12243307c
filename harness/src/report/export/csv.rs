//! Every sample as CSV: a row for each time, or one for each value.

use std::fmt::Write;

use crate::model::metric::Unit;
use crate::model::record::{ProcessTrack, Record};
use crate::model::series::{Merged, Series, Track};
use crate::recorder::metrics;

const STRING: &str = "a string takes all text";

/// All samples in the order of their times, a row each: the time in seconds, the track, and its metrics. If a metric
/// has a high-water mark, that's `NAME_peak`. If samples were merged, `NAME_low` and `NAME_high` are the extremes
/// of those that a row stands for. Marks have separate rows.
pub(super) fn wide(record: &Record) -> String {
    let tracks: Vec<_> = record.tracks.iter().map(|(name, track)| (name, &track.t, columns(track))).collect();
    let names: Vec<&str> =
        tracks.iter().flat_map(|(_, _, columns)| columns.iter().map(|(name, _)| name.as_str())).collect();
    let headline = format!("seconds,track,mark,{}\n", names.join(","));
    let mut rows: Vec<(u64, String)> = Vec::new();
    let mut before = 0;
    for (name, times, columns) in &tracks {
        let after = names.len() - before - columns.len();
        for (index, &t) in times.iter().enumerate() {
            let mut row = format!("{:.6},{name},{}", t as f64 / 1e6, ",".repeat(before));
            for (_, values) in columns {
                write!(row, ",{}", values[index]).expect(STRING);
            }
            row.push_str(&",".repeat(after));
            rows.push((t, row));
        }
        before += columns.len();
    }
    for mark in &record.marks {
        let (name, none) = (quoted(&mark.name), ",".repeat(names.len()));
        rows.push((mark.t, format!("{:.6},,{name}{none}", mark.t as f64 / 1e6)));
    }
    in_order(headline, rows)
}

/// The columns of a track as the file has them.
fn columns(track: &Track) -> Vec<(String, &[u64])> {
    let mut columns = Vec::new();
    for (name, column) in &track.columns {
        columns.push((name.clone(), column.values.as_slice()));
        columns.extend(column.peaks.as_deref().map(|peaks| (format!("{name}_peak"), peaks)));
        if let Some(Merged { lows, highs }) = &column.merged {
            columns.extend([(format!("{name}_low"), &lows[..]), (format!("{name}_high"), &highs[..])]);
        }
    }
    columns
}

/// The metrics of a single process.
pub(super) const OF_A_PROCESS: &[&str] = &["rss", "anon", "pss", "uss", "threads", "cpu", "rchar", "wchar"];

/// The metrics of all processes together that aren't followed one by one.
pub(super) const OF_OTHERS: &[&str] = &["rss", "anon", "pss", "uss", "processes"];

/// What the values of a metric count. What no source measures any more were bytes.
pub(super) fn unit(metric: &str) -> Unit {
    metrics::find(metric).map_or(Unit::Bytes, |metric| metric.unit)
}

/// All samples, also those of single processes, a row for each value. It has the time in seconds, the metric and its
/// unit, the process, the value, and the lowest and the highest since the sample before. Every row has every value, so
/// each column is of one type. Only `pid` is empty if the row isn't about one process.
pub(super) fn long(record: &Record) -> String {
    let mut rows: Vec<(u64, String)> = Vec::new();
    let mut add = |metric: &str, process: &str, pid: &str, series: Series<'_>| {
        let word = word(unit(metric));
        for (((&t, value), lowest), highest) in
            series.t.iter().zip(series.v).zip(series.lows()).zip(series.highs())
        {
            let seconds = t as f64 / 1e6;
            let lowest = lowest.min(*value);
            rows.push((
                t,
                format!("{seconds:.6},{metric},{word},{process},{pid},{value},{lowest},{highest}"),
            ));
        }
    };
    for track in record.tracks.values() {
        for (metric, column) in &track.columns {
            add(metric, "all", "", column.series(&track.t));
        }
    }
    for track in record.processes.each.values() {
        let (process, pid) = who(track);
        for metric in OF_A_PROCESS {
            if let Some(series) = track.series(metric) {
                add(metric, &quoted(&process), &pid, series);
            }
        }
    }
    for metric in OF_OTHERS {
        if let Some(series) = record.processes.others(metric) {
            add(metric, "others", "", series);
        }
    }
    in_order("seconds,metric,unit,process,pid,value,lowest,highest\n".to_owned(), rows)
}

/// The headline and after it the rows, in the order of their times.
fn in_order(headline: String, mut rows: Vec<(u64, String)>) -> String {
    rows.sort_by_key(|(t, _)| *t);
    let mut text = headline;
    for (_, row) in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text
}

/// The name of a process, and its number.
fn who(track: &ProcessTrack) -> (String, String) {
    track
        .process
        .as_ref()
        .map_or_else(Default::default, |process| (process.name.clone(), process.pid.to_string()))
}

fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "bytes",
        Unit::Count => "count",
        Unit::Microseconds => "microseconds",
    }
}

/// A text as a field of CSV.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    #[test]
    fn a_row_for_each_value_has_the_process_and_the_extremes() {
        let rows = long(&record());
        let rows: Vec<&str> = rows.lines().collect();
        assert_eq!(rows[0], "seconds,metric,unit,process,pid,value,lowest,highest");
        assert!(rows.iter().all(|row| row.split(',').count() == 8), "{rows:#?}");
        // A high-water mark between two samples.
        assert!(rows.contains(&"0.005000,cgroup,bytes,all,,8192,8192,65536"), "{rows:#?}");
        assert!(rows.contains(&"0.001000,anon,bytes,\"a \"\"python\"\"\",4711,4096,4096,4096"), "{rows:#?}");
        assert!(rows.contains(&"0.001000,processes,count,others,,2,2,2"), "{rows:#?}");
    }

    #[test]
    fn what_is_measured_of_processes_are_metrics() {
        for name in OF_A_PROCESS.iter().chain(OF_OTHERS) {
            assert!(metrics::find(name).is_some(), "{name}");
        }
    }
}
