//! Several records: their curves on one set of axes, and a table of them.

use std::collections::BTreeSet;

use super::table::{Column, render};
use crate::chart::{Figure, amount, clean, describe, terminal};
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::verdict::CHECKSUM;
use crate::recorder::metrics;
use crate::screen::Screen;

/// The lines of the picture, if its legend doesn't need more.
const HEIGHT: u16 = 20;

/// A figure as this screen shows it: drawn, or described.
pub(crate) fn shown_figure(figure: &Figure, screen: &Screen) -> String {
    if figure.curves.iter().all(|curve| curve.series.t.is_empty()) {
        return screen.wrapped("", &format!("{}: nothing was measured.", figure.title));
    }
    if screen.describes {
        return describe(figure).iter().map(|line| screen.wrapped("", line)).collect();
    }
    // It grows for many curves: there is room below, and a name that is cut names nothing.
    let height = HEIGHT.max(terminal::whole(figure, screen.width, screen.charset));
    let lines = terminal::draw(figure, screen.width, height, screen.palette, screen.charset);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A line for each variant: how it ended, what it took, what it stated.
pub(crate) fn table(curve: &Metric, records: &[Record], screen: &Screen) -> String {
    let names = records.iter().map(|record| clean(&record.header.name()));
    let ends = records.iter().map(|record| clean(&record.outcome().in_short()));
    let mut columns =
        vec![Column::left("variant", names), Column::left("outcome", ends), peaks(curve, records)];
    columns.extend(metrics::find("pss").filter(|pss| *pss != curve).map(|pss| peaks(pss, records)));
    let times = records.iter().map(|record| format!("{:.2} s", record.duration() as f64 / 1e6));
    columns.push(Column::right("time", times));
    columns.extend(facts(records));
    render(columns, screen)
}

/// The peaks of a metric.
fn peaks(metric: &Metric, records: &[Record]) -> Column {
    let cells = records.iter().map(|record| match record.peak(metric.name) {
        Some(peak) => amount(metric.unit, peak),
        None => "-".to_owned(),
    });
    Column::right(&format!("{} peak", metric.name), cells)
}

/// A column for each fact that any variant has stated, but for the proof of its work.
fn facts(records: &[Record]) -> Vec<Column> {
    let stated = records.iter().filter_map(|record| record.trailer.as_ref());
    let names: BTreeSet<&String> = stated.flat_map(|trailer| trailer.facts.keys()).collect();
    let column = |name: &&String| {
        let cell =
            |record: &Record| record.fact(name).map_or_else(|| "-".to_owned(), |fact| fact.to_string());
        Column::right(&clean(&name.replace('_', " ")), records.iter().map(cell))
    };
    names.iter().filter(|name| ***name != CHECKSUM).map(column).collect()
}
