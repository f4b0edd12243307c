//! The two ends of a record made by hand, for the tests of all rooms.

use std::collections::BTreeMap;

use crate::model::outcome::Outcome;
use crate::model::record::{Header, Limits, SCHEMA, Trailer};

/// The header of a small run with everything that a run must have, and nothing else.
pub(crate) fn header(variant: &str) -> Header {
    Header {
        schema: SCHEMA,
        lab: "0.1.0".into(),
        started: "2026-11-22T12:00:00Z".into(),
        scenario: "slice-dup".into(),
        variant: variant.into(),
        title: "a title".into(),
        size: "smoke".into(),
        sizes: BTreeMap::from([("array_mib".into(), 4), ("repeats".into(), 20)]),
        limits: Limits {
            tmpfs: Some(88 << 20),
            memory: Some(96 << 20),
            deadline_ms: Some(60_000),
            ..Limits::default()
        },
        confinement: vec!["watchdog".into()],
        seed: 7,
        interval: 5000,
        command: None,
        machine: BTreeMap::new(),
        metrics: BTreeMap::new(),
        peaks: BTreeMap::new(),
        enclosing: None,
        peer: None,
        place: None,
        stands_in: false,
    }
}

/// The trailer of a run of ten seconds, with a checksum, that ended in this way.
pub(crate) fn trailer(outcome: Outcome) -> Trailer {
    Trailer {
        outcome,
        facts: BTreeMap::from([("checksum".into(), 0xfeed)]),
        duration: 10_000_000,
        ..Trailer::default()
    }
}
