//! A few metrics of a record, read in one pass and not kept: a job of a thousand ranks has a thousand records.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::file::LONGEST;
use super::{Header, Line, Mark, Record, RecordError, Trailer};
use crate::model::series::Series;

/// What a record says once, without its samples.
#[derive(Debug)]
pub(crate) struct Glance {
    /// Its first line.
    pub(crate) header: Header,
    /// Its phases.
    pub(crate) marks: Vec<Mark>,
    /// Its last line; `None` if the recorder was killed.
    pub(crate) trailer: Option<Trailer>,
}

/// How much is read in one go.
const CHUNK: usize = 1 << 18;

impl Glance {
    /// The first line of a record.
    ///
    /// # Errors
    ///
    /// The file's, or that it isn't a record.
    pub(crate) fn header(path: &Path) -> Result<Header, RecordError> {
        let file = File::open(path).map_err(|error| RecordError::File { path: path.to_owned(), error })?;
        // A record that ends after its first line is one that has only begun.
        let mut first = Vec::new();
        BufReader::new(file)
            .take(LONGEST)
            .read_until(b'\n', &mut first)
            .map_err(|error| RecordError::File { path: path.to_owned(), error })?;
        Ok(Record::parse(path, first.as_slice(), usize::MAX)?.header)
    }

    /// Reads the rest of a record that begins with this header, and shows the samples of these metrics, block by block,
    /// each with its place in `metrics`. Lines of other metrics are passed over unread.
    ///
    /// # Errors
    ///
    /// Like [`Record::read`], for the part that's read.
    pub(crate) fn read(
        path: &Path,
        header: Header,
        metrics: &[&str],
        show: &mut dyn FnMut(usize, Series<'_>),
    ) -> Result<Self, RecordError> {
        if header.schema < 2 {
            return Self::read_whole(path, metrics, show);
        }
        let failed = |error| RecordError::File { path: path.to_owned(), error };
        let mut file = BufReader::with_capacity(CHUNK, File::open(path).map_err(failed)?);
        let mut glance = Glance { header, marks: Vec::new(), trailer: None };
        // The tracks by the beginnings of their lines, and whether they have any of the metrics.
        let mut tracks: Vec<(Vec<u8>, bool)> = Vec::new();
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            (&mut file).take(LONGEST).read_until(b'\n', &mut text).map_err(failed)?;
            if text.is_empty() {
                break;
            }
            let begin = begin_of_samples(&text);
            let known = begin.and_then(|begin| tracks.iter().find(|(track, _)| track == begin));
            if number == 1 || known.is_some_and(|known| !known.1) || begin.is_none() && !is_read(&text) {
                continue;
            }
            match serde_json::from_slice(&text) {
                Ok(Line::Samples(block)) => {
                    let mut is_wanted = false;
                    for (at, metric) in metrics.iter().enumerate() {
                        if let Some(column) = block.samples.columns.get(*metric) {
                            is_wanted = true;
                            show(at, column.series(&block.samples.t));
                        }
                    }
                    if let (Some(begin), None) = (begin, known) {
                        tracks.push((begin.to_owned(), is_wanted));
                    }
                }
                Ok(Line::Mark(mark)) => glance.marks.push(mark),
                Ok(Line::Trailer(trailer)) => glance.trailer = Some(*trailer),
                Ok(_) => {}
                // The recorder was killed while it wrote.
                Err(_) if text.last() != Some(&b'\n') => break,
                Err(error) => {
                    return Err(RecordError::Damaged {
                        path: path.to_owned(),
                        line: number,
                        what: error.to_string(),
                    });
                }
            }
        }
        Ok(glance)
    }

    /// The same of a record whose metrics had other names.
    fn read_whole(
        path: &Path,
        metrics: &[&str],
        show: &mut dyn FnMut(usize, Series<'_>),
    ) -> Result<Self, RecordError> {
        let record = Record::read(path)?;
        for (at, metric) in metrics.iter().enumerate() {
            if let Some(series) = record.series(metric) {
                show(at, series);
            }
        }
        Ok(Glance { header: record.header, marks: record.marks, trailer: record.trailer })
    }

    /// From the program's start to its end, if the record has one, in microseconds.
    pub(crate) fn duration(&self) -> Option<u64> {
        self.trailer.as_ref().map(|trailer| trailer.duration)
    }
}

/// The beginning of a line of samples, up to the end of the track's name.
fn begin_of_samples(line: &[u8]) -> Option<&[u8]> {
    const BEGIN: &[u8] = b"{\"samples\":{\"track\":\"";
    let end = line.strip_prefix(BEGIN)?.iter().position(|&byte| byte == b'"')?;
    Some(&line[..BEGIN.len() + end])
}

/// Whether a line that has no samples in the usual form is read.
fn is_read(line: &[u8]) -> bool {
    const OTHERS: [&[u8]; 4] = [b"{\"done\":", b"{\"process\":", b"{\"ended\":", b"{\"event\":"];
    !OTHERS.iter().any(|other| line.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::super::{Block, Writer};
    use super::*;
    use crate::model::outcome::Outcome;
    use crate::model::series::{Column, Track};
    use std::collections::BTreeMap;

    fn block(track: &str, metric: &str, values: &[u64]) -> Line {
        let t = (1..).map(|at| at * 10).take(values.len()).collect();
        let column = Column { values: values.to_vec(), ..Column::default() };
        Line::Samples(Block {
            track: track.into(),
            samples: Track { t, columns: BTreeMap::from([(metric.into(), column)]) },
        })
    }

    #[test]
    fn a_glance_sees_what_a_whole_reading_sees() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let mut writer = Writer::create(&path).unwrap();
        writer.write(&Line::Header(Box::new(example::header("broken")))).unwrap();
        writer.write(&block("other", "pss", &[7])).unwrap();
        writer.write(&block("group", "cgroup", &[1, 9])).unwrap();
        writer.write(&Line::Mark(Mark { t: 15, name: "made".into() })).unwrap();
        writer.write(&Line::Trailer(Box::new(example::trailer(Outcome::Exited(0))))).unwrap();
        writer.finish().unwrap();
        let mut seen = Vec::new();
        let glance =
            Glance::read(&path, Glance::header(&path).unwrap(), &["rss", "cgroup"], &mut |at, series| {
                seen.push((at, series.t.to_vec(), series.v.to_vec()));
            });
        let glance = glance.unwrap();
        assert_eq!(seen, [(1, vec![10, 20], vec![1, 9])]);
        let whole = Record::read(&path).unwrap();
        assert_eq!(
            (&glance.header, &glance.marks, &glance.trailer),
            (&whole.header, &whole.marks, &whole.trailer)
        );
    }

    #[test]
    fn a_line_that_was_cut_off_ends_a_record_and_a_damaged_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let header = serde_json::to_string(&Line::Header(Box::new(example::header("broken")))).unwrap();
        let look = |rest: &str| {
            std::fs::write(&path, format!("{header}\n{rest}")).unwrap();
            Glance::read(&path, Glance::header(&path).unwrap(), &["cgroup"], &mut |_, _| {})
        };
        assert!(look("{\"samples\":{\"track\":\"a\",\"t\":[1").unwrap().trailer.is_none());
        assert!(matches!(look("{\"mark\":7}\n"), Err(RecordError::Damaged { line: 2, .. })));
    }
}
