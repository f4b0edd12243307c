//! Figures in words, for people who listen to a page: no picture can be read aloud.

use super::scale::{amount, seconds};
use super::{Curve, Figure, label};

/// The figure as sentences: for each curve its value where each phase begins, its peak and its end.
pub fn tell(figure: &Figure) -> Vec<String> {
    let mut lines = vec![format!("{}.", label::clean(&figure.title))];
    lines.extend(figure.curves.iter().map(|curve| told(curve, figure)));
    let level = |level: &super::Level| {
        format!("{}: {}.", label::clean(&level.label), amount(figure.unit, level.value))
    };
    lines.extend(figure.levels.iter().map(level));
    lines
}

fn told(curve: &Curve<'_>, figure: &Figure) -> String {
    let name = label::clean(&curve.label);
    let Some(peak) = curve.peak else { return format!("{name}: not measured.") };
    let phases = curve.marks.iter().filter_map(|mark| {
        let value = amount(figure.unit, curve.series.at(mark.t)?);
        Some(format!("{value} at {} ({})", label::clean(&mark.name), seconds(mark.t)))
    });
    let parts: Vec<String> = phases.chain([format!("ends after {}", seconds(curve.last()))]).collect();
    format!("{name}: at most {}; {}.", amount(figure.unit, peak), parts.join(", "))
}
