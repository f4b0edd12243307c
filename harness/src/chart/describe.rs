//! Figures in words, for people who listen to a page: no picture can be read aloud.

use super::scale::{amount, seconds};
use super::{Curve, Figure, label};

/// The figure as sentences: for each curve its value where each phase begins, its peak and its end.
pub(crate) fn describe(figure: &Figure) -> Vec<String> {
    let mut lines = vec![format!("{}.", label::clean(&figure.title))];
    lines.extend(figure.curves.iter().map(|curve| sentence(curve, figure)));
    let level = |level: &super::Level| {
        format!("{}: {}.", label::clean(&level.label), amount(figure.unit, level.value))
    };
    lines.extend(figure.levels.iter().map(level));
    lines
}

fn sentence(curve: &Curve<'_>, figure: &Figure) -> String {
    let name = label::clean(&curve.label);
    let Some(peak) = curve.peak else { return format!("{name}: not measured.") };
    let phases = curve.marks.iter().filter_map(|mark| {
        let value = amount(figure.unit, curve.series.at(mark.t)?);
        Some(format!("{value} at {} ({})", label::clean(&mark.name), seconds(mark.t)))
    });
    let parts: Vec<String> = phases.chain([format!("ends after {}", seconds(curve.last()))]).collect();
    format!("{name}: at most {}; {}.", amount(figure.unit, peak), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Level;
    use crate::model::metric::Unit;
    use crate::model::record::Mark;
    use crate::model::series::Series;

    #[test]
    fn a_curve_is_described_by_its_peak_its_phases_and_its_end() {
        let marks = [Mark { t: 10_000, name: "begin".into() }];
        let series = Series::of(&[0, 10_000, 20_000], &[0, 1 << 20, 3 << 20]);
        let curve =
            |label: &str, peak| Curve { label: label.into(), series, peak, end: 30_000, marks: &marks };
        let curves = vec![curve("broken", Some(4 << 20)), curve("fixed", None)];
        let levels = vec![Level { label: "limit".into(), value: 8 << 20 }];
        let figure = Figure {
            title: "memory".into(),
            axis: String::new(),
            unit: Unit::Bytes,
            curves,
            levels,
            in_own_time: false,
        };
        assert_eq!(
            describe(&figure),
            [
                "memory.",
                "broken: at most 4 MiB; 1 MiB at begin (0.010 s), ends after 0.030 s.",
                "fixed: not measured.",
                "limit: 8 MiB.",
            ]
        );
    }
}
