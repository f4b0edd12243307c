//! The samples behind a figure, as CSV: a line for each sample of each curve.

use std::fmt::Write;

use super::figure::{Shown, unit_word};

/// The samples of every curve that is drawn, all of them.
pub(super) fn of(figure: &Shown) -> String {
    let unit = unit_word(figure.metrics[0].unit);
    let mut text = format!("variant,metric,microseconds,{unit}\n");
    for run in &figure.runs {
        let Some(series) = run.record.series(run.metric.name) else { continue };
        let (variant, metric) = (&run.record.header.variant, run.metric.name);
        for (t, v) in series.t.iter().zip(series.v) {
            writeln!(text, "{variant},{metric},{t},{v}").expect("a string takes all text");
        }
    }
    text
}
