//! The definition of a metric. Each source of the recorder declares its own.

/// One thing that is measured over time.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in records and in scenario.toml.
    pub name: &'static str,
    /// What its values count.
    pub unit: Unit,
    /// What it is, in one line.
    pub meaning: &'static str,
}

/// What the values of a metric count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of memory; people read them as MiB.
    Bytes,
    /// Things.
    Count,
    /// Time, in microseconds; people read it as seconds.
    Microseconds,
}

impl Metric {
    /// A metric in bytes.
    pub(crate) const fn bytes(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Bytes, meaning }
    }

    /// A metric that counts things.
    pub(crate) const fn count(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Count, meaning }
    }

    /// A time in microseconds.
    pub(crate) const fn time(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Microseconds, meaning }
    }
}
