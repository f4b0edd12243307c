//! Samples of one track as they stand in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::differences;
use crate::model::series::{Column, Track};

/// Samples of one track that were written together.
#[derive(Debug, Deserialize)]
#[serde(from = "Flat")]
pub struct Block {
    /// The name of the track.
    pub track: String,
    /// The samples.
    pub samples: Track,
}

/// A block as it is read. (Flattened, serde would first keep each number as a value of any type, and an
/// hour has millions.)
#[derive(Deserialize)]
struct Flat {
    track: String,
    #[serde(with = "differences")]
    t: Vec<u64>,
    columns: BTreeMap<String, Numbers>,
    #[serde(default)]
    peaks: BTreeMap<String, Numbers>,
}

#[derive(Deserialize)]
struct Numbers(#[serde(with = "differences")] Vec<u64>);

impl From<Flat> for Block {
    fn from(Flat { track, t, columns, mut peaks }: Flat) -> Self {
        let column = |(name, Numbers(values)): (String, Numbers)| {
            let peaks = peaks.remove(&name).map(|Numbers(peaks)| peaks);
            (name, Column { values, peaks })
        };
        Block { track, samples: Track { t, columns: columns.into_iter().map(column).collect() } }
    }
}

/// A block as it is written.
#[derive(Serialize)]
struct Written<'a> {
    track: &'a str,
    t: Differences<'a>,
    columns: BTreeMap<&'a str, Differences<'a>>,
    /// High-water marks since the sample before, by metric.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    peaks: BTreeMap<&'a str, Differences<'a>>,
}

#[derive(Serialize)]
struct Differences<'a>(#[serde(serialize_with = "differences::serialize")] &'a [u64]);

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Track { t, columns } = &self.samples;
        let peaks = columns.iter().filter_map(|(name, column)| {
            column.peaks.as_ref().map(|peaks| (name.as_str(), Differences(peaks)))
        });
        let columns = columns.iter().map(|(name, column)| (name.as_str(), Differences(&column.values)));
        Written { track: &self.track, t: Differences(t), columns: columns.collect(), peaks: peaks.collect() }
            .serialize(serializer)
    }
}
