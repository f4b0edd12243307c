//! Samples of one track as they are in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::differences;
use crate::model::series::{Column, Merged, Track};

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
    #[serde(default)]
    lows: BTreeMap<String, Numbers>,
    #[serde(default)]
    highs: BTreeMap<String, Numbers>,
}

#[derive(Deserialize)]
struct Numbers(#[serde(with = "differences")] Vec<u64>);

impl From<Flat> for Block {
    fn from(Flat { track, t, columns, mut peaks, mut lows, mut highs }: Flat) -> Self {
        let column = |(name, Numbers(values)): (String, Numbers)| {
            let of = |all: &mut BTreeMap<String, Numbers>| all.remove(&name).map(|Numbers(values)| values);
            let merged = of(&mut lows).zip(of(&mut highs)).map(|(lows, highs)| Merged { lows, highs });
            let peaks = of(&mut peaks);
            (name, Column { values, peaks, merged })
        };
        Block { track, samples: Track { t, columns: columns.into_iter().map(column).collect() } }
    }
}

/// A block as it is written.
#[derive(Serialize)]
struct Written<'a> {
    track: &'a str,
    t: Differences<'a>,
    columns: Columns<'a>,
    /// High-water marks since the sample before, by metric.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    peaks: Columns<'a>,
    /// The lowest and the highest of the samples that each stands for, where some were merged.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    lows: Columns<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    highs: Columns<'a>,
}

type Columns<'a> = BTreeMap<&'a str, Differences<'a>>;

#[derive(Serialize)]
struct Differences<'a>(#[serde(serialize_with = "differences::serialize")] &'a [u64]);

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Track { t, columns } = &self.samples;
        fn each<'a>(
            columns: &'a BTreeMap<String, Column>,
            take: impl Fn(&'a Column) -> Option<&'a Vec<u64>>,
        ) -> Columns<'a> {
            let taken =
                |(name, column): (&'a String, &'a Column)| Some((name.as_str(), Differences(take(column)?)));
            columns.iter().filter_map(taken).collect()
        }
        Written {
            track: &self.track,
            t: Differences(t),
            columns: each(columns, |column| Some(&column.values)),
            peaks: each(columns, |column| column.peaks.as_ref()),
            lows: each(columns, |column| Some(&column.merged.as_ref()?.lows)),
            highs: each(columns, |column| Some(&column.merged.as_ref()?.highs)),
        }
        .serialize(serializer)
    }
}
