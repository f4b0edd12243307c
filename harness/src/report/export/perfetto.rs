//! A trace for Perfetto: counters, slices and instants as TrackEvents (perfetto.dev, "Synthetic track event").

use std::collections::BTreeMap;

use super::csv::{OF_A_PROCESS, OF_OTHERS, unit};
use super::protobuf::Message;
use crate::chart::clean;
use crate::model::metric::Unit;
use crate::model::record::{Moment, ProcessTrack, Record};
use crate::model::series::Series;
use crate::recorder::metrics;
use crate::report::command;

/// The fields of the messages, as in Perfetto's protos/perfetto/trace.
mod field {
    pub(super) mod trace {
        pub(crate) const PACKET: u64 = 1;
    }
    pub(super) mod packet {
        pub(crate) const TIMESTAMP: u64 = 8;
        pub(crate) const SEQUENCE: u64 = 10;
        pub(crate) const TRACK_EVENT: u64 = 11;
        pub(crate) const SEQUENCE_FLAGS: u64 = 13;
        pub(crate) const TRACK_DESCRIPTOR: u64 = 60;
    }
    pub(super) mod track {
        pub(crate) const UUID: u64 = 1;
        pub(crate) const NAME: u64 = 2;
        pub(crate) const PROCESS: u64 = 3;
        pub(crate) const PARENT: u64 = 5;
        pub(crate) const COUNTER: u64 = 8;
        pub(crate) const DESCRIPTION: u64 = 14;
    }
    pub(super) mod process {
        pub(crate) const PID: u64 = 1;
        pub(crate) const COMMAND_LINE: u64 = 2;
        pub(crate) const NAME: u64 = 6;
        pub(crate) const START: u64 = 7;
    }
    pub(super) mod counter {
        pub(crate) const UNIT: u64 = 3;
    }
    pub(super) mod event {
        pub(crate) const TYPE: u64 = 9;
        pub(crate) const TRACK: u64 = 11;
        pub(crate) const NAME: u64 = 23;
        pub(crate) const VALUE: u64 = 30;
    }
}
use field::{counter, event, packet, process, trace, track};

/// Values of TrackEvent.Type.
const BEGIN: u64 = 1;
const END: u64 = 2;
const INSTANT: u64 = 3;
const COUNTER: u64 = 4;

/// All packets are of one sequence, and this is the flag with which it begins.
const SEQUENCE: u64 = 1;
const STATE_CLEARED: u64 = 1;

/// What counts up as long as a process lives, and doesn't fall to nothing when it's over.
const CUMULATIVE: &[&str] = &["cpu", "rchar", "wchar"];

/// The trace of a record, with the run's start as time 0.
pub(super) fn trace(record: &Record) -> Vec<u8> {
    let mut writer = Writer::default();
    let name = clean(&record.header.title);
    let about = command::lines(record).into_iter().map(|(name, line)| format!("{name}: {line}"));
    let about = about.collect::<Vec<_>>().join("\n");
    let run = writer.track(None, |track| track.text(track::NAME, &name).text(track::DESCRIPTION, &about));
    writer.phases(record, run);
    writer.moments(record, run);
    for samples in record.tracks.values() {
        for (metric, column) in &samples.columns {
            writer.series(run, metric, metric, column.series(&samples.t), None);
        }
    }
    if !record.progress.is_empty() {
        let track = writer.counter(run, "tasks done", "the program says so", Unit::Count);
        record.progress.iter().for_each(|done| writer.value(track, done.t, done.count));
    }
    for metric in OF_OTHERS {
        if let Some(series) = record.processes.others(metric) {
            writer.series(run, &format!("{metric} of other processes"), metric, series, None);
        }
    }
    for followed in record.processes.each.values() {
        writer.process(followed, record);
    }
    writer.finish()
}

/// What the trace is written with.
#[derive(Debug, Default)]
struct Writer {
    /// The descriptions of the tracks, which come first.
    tracks: Vec<Message>,
    /// The events, by time in nanoseconds; those of one time in the order in which they were added.
    events: BTreeMap<u64, Vec<Message>>,
}

impl Writer {
    /// A new track below another.
    fn track(&mut self, parent: Option<u64>, describe: impl FnOnce(Message) -> Message) -> u64 {
        let uuid = self.tracks.len() as u64 + 1;
        let track = Message::default().number(track::UUID, uuid);
        let track = match parent {
            Some(parent) => track.number(track::PARENT, parent),
            None => track,
        };
        self.tracks.push(describe(track));
        uuid
    }

    fn counter(&mut self, parent: u64, name: &str, about: &str, unit: Unit) -> u64 {
        // TIME_NS, COUNT and SIZE_BYTES.
        let unit = match unit {
            Unit::Microseconds => 1,
            Unit::Count => 2,
            Unit::Bytes => 3,
        };
        let counter = Message::default().number(counter::UNIT, unit);
        self.track(Some(parent), |track| {
            track.text(track::NAME, name).text(track::DESCRIPTION, about).message(track::COUNTER, counter)
        })
    }

    /// A metric as a counter, with its high-water marks as another; both are 0 from `until` on.
    fn series(&mut self, parent: u64, name: &str, metric: &str, series: Series<'_>, until: Option<u64>) {
        let unit = unit(metric);
        let about = metrics::find(metric).map_or("", |metric| metric.meaning);
        let in_unit =
            |value: u64| if unit == Unit::Microseconds { value.saturating_mul(1000) } else { value };
        let until = until.filter(|_| !CUMULATIVE.contains(&metric));
        let curve = |writer: &mut Writer, name: &str, about: &str, values: &mut dyn Iterator<Item = u64>| {
            let track = writer.counter(parent, name, about, unit);
            for (&t, value) in series.t.iter().zip(values) {
                writer.value(track, t, in_unit(value));
            }
            if let Some(until) = until {
                writer.value(track, until, 0);
            }
        };
        curve(self, name, about, &mut series.v.iter().copied());
        if series.peaks.is_some() || series.highs.is_some() {
            let about = format!("{about}: the highest since the sample before");
            curve(self, &format!("{name} (highest)"), &about, &mut series.highs());
        }
    }

    /// The phases that the program has announced, a slice each.
    fn phases(&mut self, record: &Record, run: u64) {
        if record.marks.is_empty() {
            return;
        }
        let track = self.track(Some(run), |track| track.text(track::NAME, "phases"));
        let ends = record.marks.iter().skip(1).map(|mark| mark.t).chain([record.duration()]);
        for (mark, end) in record.marks.iter().zip(ends) {
            self.slice(track, &clean(&mark.name), mark.t, end);
        }
    }

    /// Everything else that happened, an instant each.
    fn moments(&mut self, record: &Record, run: u64) {
        let track = self.track(Some(run), |track| track.text(track::NAME, "what happened"));
        for moment in record.time_line() {
            let name = match (moment, moment.pid()) {
                (Moment::Mark(_), _) => continue,
                (_, Some(pid)) => format!("{pid} {moment}"),
                (_, None) => moment.to_string(),
            };
            self.event(moment.t(), Message::default().number(event::TYPE, INSTANT), track, &clean(&name));
        }
    }

    /// A process with its life as a slice, and its metrics.
    fn process(&mut self, followed: &ProcessTrack, record: &Record) {
        let Some(process) = &followed.process else { return };
        let until = followed.until(&record.ended);
        let begin = process.began.unwrap_or(process.t);
        let mut about = Message::default()
            .number(process::PID, u64::try_from(process.pid).unwrap_or_default())
            .text(process::NAME, &clean(&process.name))
            .number(process::START, begin.saturating_mul(1000));
        for word in &process.words {
            about = about.text(process::COMMAND_LINE, &clean(word));
        }
        let whole = self.track(None, |track| track.message(track::PROCESS, about));
        let life = self.track(Some(whole), |track| track.text(track::NAME, "followed"));
        let name = clean(&process.command());
        self.slice(life, &name, process.t, until.unwrap_or_else(|| record.duration()));
        for metric in OF_A_PROCESS {
            if let Some(series) = followed.series(metric) {
                self.series(whole, metric, metric, series, until);
            }
        }
    }

    fn slice(&mut self, track: u64, name: &str, begin: u64, end: u64) {
        self.event(begin, Message::default().number(event::TYPE, BEGIN), track, name);
        let message = Message::default().number(event::TYPE, END).number(event::TRACK, track);
        self.add(end.max(begin), message);
    }

    fn event(&mut self, t: u64, message: Message, track: u64, name: &str) {
        self.add(t, message.number(event::TRACK, track).text(event::NAME, name));
    }

    fn value(&mut self, track: u64, t: u64, value: u64) {
        // The field is signed.
        let value = value.min(i64::MAX as u64);
        let message = Message::default().number(event::TYPE, COUNTER).number(event::TRACK, track);
        self.add(t, message.number(event::VALUE, value));
    }

    /// Adds an event at a time in microseconds.
    fn add(&mut self, t: u64, event: Message) {
        self.events.entry(t.saturating_mul(1000)).or_default().push(event);
    }

    fn finish(self) -> Vec<u8> {
        let describe = |message| Message::default().message(packet::TRACK_DESCRIPTOR, message);
        let at =
            |t, event| Message::default().number(packet::TIMESTAMP, t).message(packet::TRACK_EVENT, event);
        let events =
            self.events.into_iter().flat_map(|(t, events)| events.into_iter().map(move |event| at(t, event)));
        let mut flags = STATE_CLEARED;
        let mut bytes = Vec::new();
        for packet in self.tracks.into_iter().map(describe).chain(events) {
            let packet = packet.number(packet::SEQUENCE, SEQUENCE);
            let packet = if flags > 0 { packet.number(packet::SEQUENCE_FLAGS, flags) } else { packet };
            flags = 0;
            bytes.extend(Message::default().message(trace::PACKET, packet).into_bytes());
        }
        bytes
    }
}
