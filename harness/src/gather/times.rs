//! The times of all ranks on one axis.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use super::Rank;
use crate::chart::seconds;
use crate::model::record::Header;

/// When each record begins by the clocks, in nanoseconds since 1970.
///
/// Records of one boot have one monotonic clock, which nobody sets: so between them, it decides.
///
/// # Errors
///
/// A record that doesn't say when it began.
pub(super) fn clocks(headers: &[Header]) -> Result<Vec<i128>> {
    let mut boots: BTreeMap<&str, i128> = BTreeMap::new();
    let mut all = Vec::with_capacity(headers.len());
    for header in headers {
        let Some(place) = &header.place else {
            all.push(started(header)?);
            continue;
        };
        let (wall, monotonic) = (i128::from(place.wall_ns), i128::from(place.monotonic_ns));
        all.push(match place.boot_id.as_deref() {
            Some(boot) => *boots.entry(boot).or_insert(wall - monotonic) + monotonic,
            None => wall,
        });
    }
    Ok(all)
}

/// When a record began that has no clocks, to the millisecond.
fn started(header: &Header) -> Result<i128> {
    let time =
        humantime::parse_rfc3339(&header.started).with_context(|| format!("begun at {}", header.started))?;
    Ok(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().cast_signed())
}

/// Puts all ranks on one axis: on a mark that all have made, or else by the clocks. Returns how, and where the mark is.
///
/// # Errors
///
/// That a rank hasn't made the mark.
pub(super) fn align(ranks: &mut [Rank], mark: Option<&str>) -> Result<(String, Option<u64>)> {
    let Some(mark) = mark else {
        place(ranks, |rank| rank.began / 1000);
        return Ok((by_clocks(ranks), None));
    };
    let at = |rank: &Rank| rank.marks.iter().find(|made| made.name == mark).map(|made| made.t);
    let without: Vec<&str> =
        ranks.iter().filter(|rank| at(rank).is_none()).map(|rank| rank.name.as_str()).collect();
    if let Some(first) = without.first() {
        bail!(
            "{first} and {} others haven't made the mark {mark}, so the times can't be aligned on it",
            without.len() - 1
        );
    }
    let made = |rank: &Rank| i128::from(at(rank).unwrap_or(0));
    let by_clock = ranks.iter().map(|rank| rank.began / 1000 + made(rank));
    let spread = by_clock.clone().max().unwrap_or(0) - by_clock.min().unwrap_or(0);
    let spread = seconds(u64::try_from(spread).unwrap_or(u64::MAX));
    place(ranks, |rank| -made(rank));
    let how = format!(
        "Aligned on the mark {mark}, which all are taken to have made at one moment; by their clocks they made it \
         within {spread}."
    );
    let mark = ranks.first().map(|rank| rank.offset + at(rank).unwrap_or(0));
    Ok((how, mark))
}

fn by_clocks(ranks: &[Rank]) -> String {
    let mut boots: Vec<Option<&str>> = ranks.iter().map(|rank| rank.place.boot_id.as_deref()).collect();
    boots.sort_unstable();
    boots.dedup();
    match boots.as_slice() {
        [Some(_)] => {
            "Aligned by the monotonic clock of the one machine that all were on: there is no skew.".to_owned()
        }
        [.., None] | [None, ..] => {
            "Aligned by when each says it began; the clocks of their machines are taken to agree.".to_owned()
        }
        boots => format!("Aligned by the clocks of {} machines, which are taken to agree.", boots.len()),
    }
}

/// Puts the first of these times, in microseconds, at the beginning of the axis.
fn place(ranks: &mut [Rank], time: impl Fn(&Rank) -> i128) {
    let first = ranks.iter().map(&time).min().unwrap_or(0);
    for rank in ranks {
        rank.offset = u64::try_from(time(rank) - first).unwrap_or(0);
    }
}
