//! The legend of the letters and numbers in the plot.

use ratatui::style::Style;

use super::{Look, faint, strong};
use crate::chart::{Figure, label, letter, scale};

/// A text of the legend, and where it begins in its line.
pub(super) struct Entry {
    pub(super) x: usize,
    pub(super) text: String,
    pub(super) style: Style,
}

/// The lines of the legend: the curves in columns, then the levels, then the phases.
pub(super) fn of(figure: &Figure, width: usize, look: Look) -> Vec<Vec<Entry>> {
    let mut lines = curves(figure, width, look);
    let texts = levels(figure, look).into_iter().chain(phases(figure));
    for text in label::flow(texts, width, look.cut()) {
        lines.push(vec![Entry { x: 0, text, style: faint() }]);
    }
    lines
}

/// Leaves so many lines, the last of which says how many are left out.
pub(super) fn cut(lines: &mut Vec<Vec<Entry>>, most: usize) {
    let all = lines.len();
    if all > most {
        lines.truncate(most.saturating_sub(1));
        let text = format!("and {} more lines", all - lines.len());
        lines.push(vec![Entry { x: 0, text, style: faint() }]);
    }
}

/// A line for each curve, as many side by side as there is room for: letter, name, peak and end.
fn curves(figure: &Figure, width: usize, look: Look) -> Vec<Vec<Entry>> {
    let summaries: Vec<_> = figure.curves.iter().map(|curve| curve.summary(figure.unit)).collect();
    let peaks = summaries.iter().map(|(peak, _)| peak.len()).max().unwrap_or(0);
    let ends = summaries.iter().map(|(_, end)| end.len()).max().unwrap_or(0);
    let names: Vec<_> = figure.curves.iter().map(|curve| label::clean(&curve.label)).collect();
    let figures = "a ".len() + "  peak ".len() + peaks + "  ".len() + ends;
    let widest = names.iter().map(|name| label::width(name)).max().unwrap_or(0);
    let widest = widest.min(width.saturating_sub(figures));

    let entries = names.iter().zip(&summaries).enumerate().map(|(index, (name, (peak, end)))| {
        let name = label::fit(name, widest, look.cut());
        let gap = " ".repeat(widest - label::width(&name));
        let text = format!("{} {name}{gap}  peak {peak:>peaks$}  {end:>ends$}", letter(index));
        (text, strong(index))
    });
    let step = figures + widest + 3;
    let columns = ((width + 3) / step).max(1);
    let mut lines: Vec<Vec<Entry>> = Vec::new();
    for (index, (text, style)) in entries.enumerate() {
        if index % columns == 0 {
            lines.push(Vec::new());
        }
        let entry = Entry { x: index % columns * step, text, style };
        lines.last_mut().expect("a line was begun").push(entry);
    }
    lines
}

/// The levels, each with its value.
fn levels(figure: &Figure, look: Look) -> Vec<String> {
    let dash = look.choose('╌', '-');
    let highest = figure.highest();
    let text = |level: &crate::chart::Level| {
        let place = if level.value > highest { " (above the picture)" } else { "" };
        let value = scale::amount(figure.unit, level.value);
        format!("{dash}{dash} {} {value}{place}", label::clean(&level.label))
    };
    figure.levels.iter().map(text).collect()
}

/// The phases, each with its number.
fn phases(figure: &Figure) -> Vec<String> {
    let (names, more) = figure.phases();
    let numbered = (1..).zip(names).map(|(number, name)| format!("{number} {}", label::clean(name)));
    numbered.chain((more > 0).then(|| format!("and {more} more phases"))).collect()
}
