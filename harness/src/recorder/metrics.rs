//! The metrics that the sources measure, by their names.

use super::sources;
use crate::model::metric::Metric;
use crate::model::record::name_today;

/// Every metric that can be measured, source by source.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    sources::METRICS.iter().copied().flatten().copied()
}

/// The metric of this name, or of a name that it had before.
pub fn find(name: &str) -> Option<&'static Metric> {
    let name = name_today(name);
    all().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_by_its_name_and_no_two_share_one() {
        for (place, metric) in all().enumerate() {
            assert_eq!(all().position(|other| other.name == metric.name), Some(place));
            assert_eq!(find(metric.name), Some(metric));
        }
    }
}
