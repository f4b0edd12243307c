//! The numbers of a run for the textfile collector of Prometheus' node_exporter: the text format, without time stamps.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::chart::clean;
use crate::diagnosis::diagnose;
use crate::model::metric::Unit;
use crate::model::outcome::Finding;
use crate::model::record::Record;
use crate::recorder::metrics;

const STRING: &str = "a string takes all text";

/// This many programs get a separate peak: each is a time series, and a series costs memory.
const PROGRAMS: usize = 10;

/// The text of a record.
pub(super) fn text(record: &Record) -> String {
    let mut page = Page { text: String::new(), labels: labels(record) };
    page.peaks(record);
    page.gauge(
        "whyoom_run_duration_seconds",
        "From the start of the command to its end.",
        [(vec![], format!("{:.6}", record.duration() as f64 / 1e6))],
    );
    let started = humantime::parse_rfc3339(&record.header.started).ok();
    let started = started.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    page.gauge(
        "whyoom_run_started_timestamp_seconds",
        "When the command was started.",
        started.map(|at| (vec![], format!("{:.3}", at.as_secs_f64()))),
    );
    page.gauge(
        "whyoom_run_ended_info",
        "How the command ended.",
        [(vec![("outcome", record.outcome().in_short())], "1".to_owned())],
    );
    page.gauge(
        "whyoom_run_exit_status",
        "The exit code of the command, or 128 plus the number of the signal that ended it.",
        record.trailer.as_ref().and_then(|trailer| trailer.status).map(|code| (vec![], code.to_string())),
    );
    page.gauge(
        "whyoom_run_oom_killed",
        "Whether the kernel's OOM killer has ended any of its processes; absent if nobody could look.",
        oom_killed(record).map(|killed| (vec![], u64::from(killed).to_string())),
    );
    let limit = record.header.limits.memory;
    let limit = limit.or(record.header.enclosing.as_ref().map(|group| group.limit));
    page.gauge(
        "whyoom_run_memory_limit_bytes",
        "The lowest limit on the memory of the run, its own or that of a control group around it.",
        limit.map(|limit| (vec![], limit.to_string())),
    );
    page.programs(record);
    let diagnosis = diagnose(record);
    let modes: Vec<&str> = match diagnosis.named() {
        Some(named) => vec![named.mode.id],
        None => diagnosis.candidates().map(|judged| judged.mode.id).collect(),
    };
    page.gauge(
        "whyoom_diagnosis_info",
        "The failures that the record shows: one if it could be named, else each that is possible.",
        modes.into_iter().map(|mode| {
            let verdict = ("verdict", diagnosis.verdict.word().to_owned());
            (vec![("mode", mode.to_owned()), verdict], "1".to_owned())
        }),
    );
    page.text
}

/// The labels of every value: the command, and the user's note on it, which tells runs of one program apart.
fn labels(record: &Record) -> Vec<(&'static str, String)> {
    let message = record.header.command.as_ref().and_then(|command| command.message.clone());
    let mut labels = vec![("command", record.header.variant.clone())];
    labels.extend(message.map(|message| ("message", message)));
    labels
}

/// The evidence for whether the OOM killer struck; `None` if nobody could look.
fn oom_killed(record: &Record) -> Option<bool> {
    let evidence = &record.trailer.as_ref()?.evidence;
    let findings = evidence.iter().filter(|seen| seen.source.ends_with("oom_kill"));
    let looked = findings.filter(|seen| !matches!(seen.finding, Finding::CouldNotLook(_)));
    let fired: Vec<bool> = looked.map(|seen| matches!(seen.finding, Finding::Fired(_))).collect();
    (!fired.is_empty()).then(|| fired.contains(&true))
}

type Labels = Vec<(&'static str, String)>;

struct Page {
    text: String,
    labels: Labels,
}

impl Page {
    /// The highest of each metric. What counts things has no unit in its name.
    fn peaks(&mut self, record: &Record) {
        let of = |unit: Unit, scale: fn(u64) -> String| {
            let of_unit = metrics::all().filter(move |metric| metric.unit == unit);
            of_unit.filter_map(move |metric| {
                let peak = record.peak(metric.name)?;
                Some((vec![("metric", metric.name.to_owned())], scale(peak)))
            })
        };
        let values = of(Unit::Bytes, |value| value.to_string());
        self.gauge("whyoom_peak_bytes", "The highest value of each metric of memory and bytes.", values);
        let values = of(Unit::Count, |value| value.to_string());
        self.gauge("whyoom_peak", "The highest value of each metric that counts things.", values);
        let values = of(Unit::Microseconds, |value| format!("{:.6}", value as f64 / 1e6));
        self.gauge("whyoom_peak_seconds", "The highest value of each metric of time.", values);
    }

    /// The most that one process of each program had resident.
    fn programs(&mut self, record: &Record) {
        let mut peaks: BTreeMap<&str, u64> = BTreeMap::new();
        let followed = record
            .processes
            .each
            .values()
            .filter_map(|track| Some((track.process.as_ref()?.name.as_str(), track.peak("rss")?)));
        let ended = record.ended.iter().filter_map(|ended| Some((ended.name.as_str(), ended.peak_rss?)));
        for (name, peak) in followed.chain(ended).filter(|(name, _)| !name.is_empty()) {
            let most = peaks.entry(name).or_default();
            *most = peak.max(*most);
        }
        let mut peaks: Vec<(&str, u64)> = peaks.into_iter().collect();
        peaks.sort_by_key(|(_, peak)| std::cmp::Reverse(*peak));
        peaks.truncate(PROGRAMS);
        self.gauge(
            "whyoom_program_peak_resident_bytes",
            "The most memory that one process of a program had resident, for the largest programs.",
            peaks.into_iter().map(|(name, peak)| (vec![("program", name.to_owned())], peak.to_string())),
        );
    }

    /// A metric with its values; nothing if it has none.
    fn gauge(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, String)>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge").expect(STRING);
        for (labels, value) in values {
            let labels = self.labels.iter().chain(&labels);
            let labels: Vec<String> =
                labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            writeln!(self.text, "{name}{{{}}} {value}", labels.join(",")).expect(STRING);
        }
    }
}

/// A text as the value of a label.
fn escaped(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    #[test]
    fn a_metric_is_declared_once_and_its_values_follow() {
        let text = text(&record());
        let mut declared = std::collections::BTreeSet::new();
        let mut current = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" gauge")) {
                assert!(declared.insert(name.to_owned()), "{name} is declared twice:\n{text}");
                current = name.to_owned();
            } else if !line.starts_with('#') {
                assert!(line.starts_with(&format!("{current}{{command=\"broken\"")), "{line}");
                // A name with its labels, a value, and no time stamp.
                let (_, value) = line.rsplit_once("} ").unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
        for line in [
            "whyoom_peak_bytes{command=\"broken\",metric=\"cgroup\"} 65536",
            "whyoom_program_peak_resident_bytes{command=\"broken\",program=\"a \\\"python\\\"\"} 8192",
            "whyoom_run_memory_limit_bytes{command=\"broken\"} 100663296",
            "whyoom_run_duration_seconds{command=\"broken\"} 10.000000",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        // Nobody looked, which isn't the same as no.
        assert!(!text.contains("whyoom_run_oom_killed"), "{text}");
    }
}
