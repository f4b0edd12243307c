//! The report on a recorded command: a summary and a page.

use std::fmt::Write;
use std::path::Path;

use crate::chart::terminal::draw;
use crate::chart::{Figure, Level, amount, clean, seconds, svg};
use crate::model::metric::{Metric, Unit};
use crate::model::outcome::{Evidence, Finding, Killer, Outcome, WATCHDOG, signal_name};
use crate::model::record::{Ended, Record, Status, Trailer};
use crate::name::{program, short};
use crate::recorder::metrics;
use crate::report::html::{self, escaped, heads, row};
use crate::report::{diagnosis, events, memory, processes};
use crate::screen::Screen;

/// The lines of the picture below a command's own output.
const HEIGHT: u16 = 14;

/// The columns of the names below it.
const INDENT: usize = 14;

const STRING: &str = "a string takes all text";

/// The curve of a record: the total by the control group, or else the sum over the processes.
pub(crate) fn curve(record: &Record) -> &'static Metric {
    let of = |name: &str| record.series(name).and_then(|_| metrics::find(name));
    of("cgroup").or_else(|| of("rss")).or_else(|| metrics::all().next()).expect("there are sources")
}

/// The figure of some metrics of a record, or of its total.
pub fn figure<'a>(record: &'a Record, metrics: &[&'static Metric]) -> Figure<'a> {
    let total = [curve(record)];
    let metrics = if metrics.is_empty() { &total } else { metrics };
    let mut figure = Figure::of_metrics(record, metrics);
    figure.levels.extend(metrics.iter().filter_map(|metric| Level::limit(metric, record)));
    if let [metric] = metrics {
        figure.title = format!("{}: {}", record.header.title, metric.meaning);
    }
    figure
}

/// The summary, for a person, with a picture of these metrics, or of the total. `path` is the file of the
/// record, if it has one.
pub(crate) fn text(
    record: &Record,
    path: Option<&Path>,
    metrics: &[&'static Metric],
    screen: &Screen,
) -> String {
    let mut text = String::new();
    let figure = figure(record, metrics);
    if screen.describes {
        crate::chart::describe(&figure).iter().for_each(|line| text.push_str(&screen.wrapped("", line)));
    } else if figure.curves.iter().any(|curve| !curve.series.t.is_empty()) {
        for line in draw(&figure, screen.width, HEIGHT, screen.palette, screen.charset) {
            text.push_str(&line);
            text.push('\n');
        }
        text.push('\n');
    }
    for (name, line) in lines(record) {
        text.push_str(&screen.item(&screen.bold(name), INDENT, &line));
    }
    text.push_str(&place(path, screen));
    text
}

/// Where the record is, if it has a file.
pub(super) fn place(path: Option<&Path>, screen: &Screen) -> String {
    let pad = INDENT - "Record".len();
    let path = path.map_or("none".into(), |path| clean(&short(path).display().to_string()));
    format!("{}{:pad$}{path}\n", screen.bold("Record"), "")
}

/// The lines about a record, each with its name.
pub(crate) fn lines(record: &Record) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Ended", format!("{}, after {}", ending(record), seconds(record.duration())))];
    let Some(trailer) = &record.trailer else { return lines };
    lines.extend(trailer.evidence.iter().filter_map(finding).map(|finding| ("Evidence", finding)));
    lines.push(("Peak", peak(record)));
    if let Some(made_of) = made_of(record) {
        lines.push(("Made of", made_of));
    }
    lines.extend(cached(record).map(|cached| ("Cached", cached)));
    lines.extend(memory::files(trailer).map(|files| ("Memory files", files)));
    lines.extend(memory::folders(trailer).map(|folders| ("Shared memory", folders)));
    lines.extend(memory::segments(trailer).map(|segments| ("System V", segments)));
    lines.extend(memory::limits(trailer).map(|limits| ("Limits", limits)));
    lines.extend(counts(record, trailer).map(|counts| ("Processes", counts)));
    lines.extend(events::standstill(record).map(|still| ("Standstill", still)));
    if trailer.dropped > 0 {
        lines.push((
            "Not kept",
            format!("{} events, marks, counts and facts that were too many", trailer.dropped),
        ));
    }
    lines.push(("Sandbox", sandbox(record, trailer)));
    lines.push(("Recorder", cost(record, trailer)));
    lines.push(("Diagnosis", diagnosis::paragraph(record)));
    // Processes, files and commands are called as somebody liked.
    lines.into_iter().map(|(name, line)| (name, clean(&line))).collect()
}

/// How it ended, and whether that cost a child its life.
fn ending(record: &Record) -> String {
    let outcome = record.outcome();
    let killed = record.trailer.as_ref().is_some_and(|trailer| {
        trailer
            .evidence
            .iter()
            .any(|seen| seen.source.ends_with("oom_kill") && matches!(seen.finding, Finding::Fired(_)))
    });
    let oom = "the kernel's OOM killer has ended at least one of its processes";
    match outcome {
        outcome if outcome.is_success() && killed => format!("{outcome}, but {oom}"),
        Outcome::Killed { by: Killer::Oom, .. } => outcome.to_string(),
        outcome if killed => format!("{outcome}; {oom}"),
        outcome => outcome.to_string(),
    }
}

fn finding(seen: &Evidence) -> Option<String> {
    match &seen.finding {
        Finding::Fired(detail) if seen.source == WATCHDOG => {
            Some(format!("{}'s watchdog: {detail}", program()))
        }
        Finding::Fired(detail) => Some(format!("{}: {detail}", seen.source)),
        Finding::CouldNotLook(why) => Some(format!("{}: couldn't look ({why})", seen.source)),
        Finding::DidNotFire => None,
    }
}

/// The peak, when it was, and how it is known.
fn peak(record: &Record) -> String {
    let metric = curve(record);
    let Some(peak) = record.peak(metric.name) else { return "not measured".to_owned() };
    // A peak that no sample saw, and the kernel reports only at the end, has no time.
    let at = record.series(metric.name).and_then(|series| series.peak()).filter(|at| at.1 == peak);
    let when = at.map_or_else(String::new, |(t, _)| format!(" at {}", seconds(t)));
    let header = &record.header;
    let source = header.peaks.get(metric.name).or_else(|| header.metrics.get(metric.name));
    let source = source.map_or("", String::as_str);
    format!("{}{when}; {} ({source})", amount(metric.unit, peak), metric.meaning)
}

/// What the memory was made of when most was in use, by kind and by process. Of a command that was over before a
/// sample saw any of it, nobody knows.
fn made_of(record: &Record) -> Option<String> {
    let parts: &[(&str, &str)] = match record.series("cgroup_anon") {
        Some(_) => &[
            ("cgroup_anon", "anonymous"),
            ("cgroup_file", "page cache"),
            ("cgroup_shmem", "shared"),
            ("cgroup_kernel", "kernel"),
            ("unattributed", "unattributed"),
        ],
        None => &[("anon", "anonymous"), ("file", "of files"), ("shmem", "shared")],
    };
    let series: Vec<_> =
        parts.iter().map(|(name, word)| Some((record.series(name)?, *word))).collect::<Option<_>>()?;
    let sum = |t: u64| series.iter().filter_map(|(series, _)| series.at(t)).sum::<u64>();
    // The processes are of the same moments as the kinds that are sampled least often.
    let times = series.iter().map(|(series, _)| series.t).min_by_key(|t| t.len())?;
    let Some((at, when)) = split(record, times, sum) else {
        return Some("not seen: it was over before a sample could tell them apart".into());
    };
    let there =
        series.iter().filter_map(|(series, word)| Some((series.at(at).filter(|&value| value > 0)?, word)));
    let parts = there.map(|(value, word)| format!("{word} {}", amount(Unit::Bytes, value)));
    let kinds = parts.collect::<Vec<_>>().join(", ");
    let by_process =
        processes::largest_at(record, at).map(|largest| format!("; anonymous by process: {largest}"));
    Some(format!("{kinds}{} ({when})", by_process.unwrap_or_default()))
}

/// Which of the times at which the memory was split by kind is the peak's, and how that is said. `None` if nothing
/// was in use at any.
fn split(record: &Record, times: &[u64], sum: impl Fn(u64) -> u64) -> Option<(u64, String)> {
    let most = times.iter().copied().max_by_key(|&t| sum(t)).filter(|&t| sum(t) > 0)?;
    let series = record.series(curve(record).name)?;
    let (peak, highest) = series.peak()?;
    // The split is sampled less often than the total.
    let nearest = times.iter().copied().min_by_key(|t| t.abs_diff(peak))?;
    let is_nearly_all = |t: u64| sum(t) >= highest / 10 * 9;
    let at = if sum(nearest) >= sum(most) / 100 * 99 { nearest } else { most };
    let when = match at.abs_diff(peak) {
        apart if apart <= record.header.interval && is_nearly_all(at) => "at the peak".to_owned(),
        _ if is_nearly_all(at) => format!("at {}", seconds(at)),
        _ => format!("at {}, when it was {}", seconds(at), amount(Unit::Bytes, series.at(at).unwrap_or(0))),
    };
    Some((at, when))
}

/// What confined it, and what stays since nothing did.
fn sandbox(record: &Record, trailer: &Trailer) -> String {
    let mut text = record.header.confinement.join("; ");
    if !trailer.stays.is_empty() {
        let stays = trailer.stays.join(", ");
        write!(text, "; there are no namespaces, so everything made while it ran stays: {stays}")
            .expect(STRING);
    }
    text
}

/// So many files are named, and so many processes that were killed.
pub(super) const NAMED: usize = 3;

/// How many processes there were, and which of them was the largest.
fn counts(record: &Record, trailer: &Trailer) -> Option<String> {
    // The order of beginnings and ends also shows processes that live shorter than one sampling interval.
    let in_order =
        trailer.processes.as_ref().and_then(|known| known.totals).map_or(0, |totals| totals.at_once);
    let most = record.peak("processes")?.max(in_order);
    // A command that is over before the first sample was never counted.
    let mut parts: Vec<String> = (most > 0).then(|| format!("{most} at once at most")).into_iter().collect();
    if let Some(known) = &trailer.processes {
        parts.extend(known.totals.map(|totals| {
            let at_least = if totals.overruns > 0 { "at least " } else { "" };
            format!("{at_least}{} started, {} ended", totals.forks, totals.exits)
        }));
        if let Some(Ended { name, pid, peak_rss: Some(peak), .. }) = largest(record).first() {
            let peak = amount(Unit::Bytes, *peak);
            parts.push(format!("largest process {name} ({pid}) with {peak} resident"));
        }
        parts.extend(killed(record));
        parts.extend(known.lack.iter().map(|lack| format!("per-process facts incomplete: {lack}")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The processes that a signal has ended.
fn killed(record: &Record) -> Option<String> {
    let all: Vec<String> = record
        .ended
        .iter()
        .filter_map(|ended| match ended.status {
            Some(Status::Killed(signal)) => {
                // An ordinary user isn't given the names of processes that are gone.
                let name = if ended.name.is_empty() { "a process" } else { &ended.name };
                Some(format!("{name} ({}) by {}", ended.pid, signal_name(signal)))
            }
            _ => None,
        })
        .collect();
    let more = if all.len() > NAMED { ", ..." } else { "" };
    let named = all.get(..NAMED).unwrap_or(&all).join(", ");
    (!all.is_empty()).then(|| format!("{} ended by a signal: {named}{more}", all.len()))
}

/// The processes that have ended, those with the highest peaks first.
pub(super) fn largest(record: &Record) -> Vec<&Ended> {
    let mut ended: Vec<&Ended> = record.ended.iter().collect();
    ended.sort_by_key(|ended| std::cmp::Reverse(ended.peak_rss));
    ended
}

/// How much of the files that were named was in the page cache.
fn cached(record: &Record) -> Option<String> {
    let most = record.peak("disk_cached").filter(|&most| most > 0)?;
    let last = record.series("disk_cached")?.v.last().copied()?;
    let size = |bytes| amount(Unit::Bytes, bytes);
    Some(format!("at most {} of the named files, and {} at the end", size(most), size(last)))
}

fn cost(record: &Record, trailer: &Trailer) -> String {
    let cost = &trailer.cost;
    let part = 100.0 * cost.cpu as f64 / record.duration().max(1) as f64;
    let spared = if cost.spared > 0 {
        format!(" while anything moved, {} left out", cost.spared)
    } else {
        String::new()
    };
    format!(
        "{} samples, one each {}{spared}, {} missed, half of them late by at most {} us; it took {part:.1} % of a processor",
        cost.kept,
        humantime::format_duration(std::time::Duration::from_micros(record.header.interval)),
        cost.missed,
        cost.lateness[0]
    )
}

/// A figure of the page: a headline, and metrics of one unit.
const FIGURES: &[(&str, &[&str])] = &[
    ("All memory of the run", &["cgroup"]),
    ("What it is made of", &["cgroup_anon", "cgroup_file", "cgroup_shmem", "cgroup_kernel", "unattributed"]),
    ("What the processes say of themselves", &["rss", "pss", "uss"]),
    ("What the processes have", &["anon", "file", "shmem"]),
    ("Shared memory: the /dev/shm that it sees, and open files", &["tmpfs", "open_memory_files"]),
    ("Page cache of the named files", &["disk_cached"]),
    ("Processes", &["processes"]),
    ("What the processes read and write", &["rchar", "wchar", "disk_read", "disk_written"]),
    ("The machine", &["host_used", "host_cached", "host_free", "host_swap_used"]),
];

/// The page: one file, with every figure and every number.
pub fn page(record: &Record) -> String {
    let mut body = String::new();
    if let Some(message) = record.header.command.as_ref().and_then(|command| command.message.as_ref()) {
        writeln!(body, "<p>{}</p>", escaped(message)).expect(STRING);
    }
    body.push_str("<table>\n<tbody>\n");
    let begun = [("Begun", record.header.started.clone())];
    for (name, line) in begun.into_iter().chain(lines(record)) {
        body.push_str(&row(name, [line].into_iter()));
    }
    body.push_str("</tbody>\n</table>\n");
    for (number, (title, names)) in FIGURES.iter().enumerate() {
        let metrics: Vec<&'static Metric> = names.iter().filter_map(|name| metrics::find(name)).collect();
        let there = metrics.iter().any(|metric| record.peak(metric.name).is_some_and(|peak| peak > 0));
        if there {
            let drawing = svg::draw(&figure(record, &metrics), &format!("figure-{number}"));
            writeln!(body, "<h2>{title}</h2>\n<figure>{drawing}</figure>").expect(STRING);
        }
    }
    body.push_str(&processes::page(record));
    body.push_str(&events::table(record));
    body.push_str("<h2>Peaks</h2>\n<div class=\"wide\"><table>\n");
    body.push_str(&heads(["Metric", "Peak", "What it is", "Where it was read"].into_iter()));
    for metric in metrics::all() {
        let Some(peak) = record.peak(metric.name) else { continue };
        let source = record.header.metrics.get(metric.name).cloned().unwrap_or_default();
        body.push_str(&row(
            metric.name,
            [amount(metric.unit, peak), metric.meaning.to_owned(), source].into_iter(),
        ));
    }
    body.push_str("</table></div>\n<h2>Machine</h2>\n<table>\n");
    for (name, value) in &record.header.machine {
        body.push_str(&row(name, [value.clone()].into_iter()));
    }
    body.push_str("</table>\n");
    if let Some(trailer) = record.trailer.as_ref().filter(|trailer| !trailer.output.is_empty()) {
        writeln!(body, "<h2>The end of its output</h2>\n<pre>{}</pre>", escaped(&trailer.output))
            .expect(STRING);
    }
    html::page(&record.header.title, &body)
}
