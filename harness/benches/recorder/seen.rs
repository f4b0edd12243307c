//! What the recorders say of a run, each in a separate form.

use std::collections::BTreeMap;

use lab::model::record::Record;

/// One MiB, in bytes.
pub(crate) const MIB: f64 = (1 << 20) as f64;

/// What a recorder says of a run.
#[derive(Default)]
pub(crate) struct Seen {
    /// The samples, in the order of their times.
    pub(crate) samples: Vec<Sample>,
    /// For each child that was seen, the most that was seen of it, in bytes.
    pub(crate) children: BTreeMap<i32, f64>,
    /// All of it, if the recorder is `lab`.
    pub(crate) record: Option<Record>,
}

/// One sample of the total, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// When, in seconds from any moment.
    pub(crate) t: f64,
    pub(crate) value: f64,
    /// The highest since the sample before, if the recorder knows more than the samples.
    pub(crate) peak: Option<f64>,
}

impl Seen {
    pub(crate) fn of_lab(record: Record) -> Self {
        let total = if record.series("cgroup").is_some() { "cgroup" } else { "rss" };
        let mut samples = Vec::new();
        if let Some(series) = record.series(total) {
            for (index, (&t, &value)) in series.t.iter().zip(series.v).enumerate() {
                let peak = series.peaks.map(|peaks| peaks[index] as f64);
                samples.push(Sample { t: t as f64 / 1e6, value: value as f64, peak });
            }
        }
        let peaks = record.ended.iter().filter_map(|ended| Some((ended.pid, ended.peak_rss? as f64)));
        Seen { children: peaks.collect(), samples, record: Some(record) }
    }

    /// Lines such as `MEM 12.3 1700000000.1`, and `CHLD 4711 12.3 1700000000.1`, in MiB and seconds.
    pub(crate) fn of_mprof(text: &str) -> Self {
        let mut seen = Seen::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok());
            match (words[0], number(1), number(2)) {
                ("MEM", Some(mib), Some(t)) => seen.samples.push(Sample { t, value: mib * MIB, peak: None }),
                ("CHLD", Some(pid), Some(mib)) => {
                    let most = seen.children.entry(pid as i32).or_default();
                    *most = most.max(mib * MIB);
                }
                _ => {}
            }
        }
        seen
    }

    /// Lines such as `0.010 99.0 12.3 45.6`: seconds, CPU, and resident and virtual memory in MiB.
    pub(crate) fn of_psrecord(text: &str) -> Self {
        let sample = |line: &str| {
            let numbers: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
            let (t, mib) = (*numbers.first()?, *numbers.get(2)?);
            Some(Sample { t, value: mib * MIB, peak: None })
        };
        Seen { samples: text.lines().filter_map(sample).collect(), ..Seen::default() }
    }
}
