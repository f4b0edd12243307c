//! The samples behind a figure, as CSV: a line for each sample of each curve.

use std::fmt::Write;

use super::figure::{Shown, unit_word};

/// The samples of every curve that is drawn, all of them. Where two languages have variants of the same
/// names, a column says whose each is.
pub(super) fn of(figure: &Shown) -> String {
    let unit = unit_word(figure.metrics[0].unit);
    let of_two = figure.runs.iter().any(|run| run.record.header.peer.is_some());
    let mut text = format!("{}variant,metric,microseconds,{unit}\n", if of_two { "language," } else { "" });
    for run in &figure.runs {
        let language = match (of_two, &run.record.header.peer) {
            (false, _) => "",
            (true, Some(_)) => "Python,",
            (true, None) => "Rust,",
        };
        let Some(series) = run.record.series(run.metric.name) else { continue };
        let (variant, metric) = (&run.record.header.variant, run.metric.name);
        for (t, v) in series.t.iter().zip(series.v) {
            writeln!(text, "{language}{variant},{metric},{t},{v}").expect("a string takes all text");
        }
    }
    text
}
