//! What stands around the drawing: the `<svg>` element, its texts for those who do not see it, and
//! its style.

use std::fmt::Write;

use plotters::prelude::RGBColor;

use super::style::{CURVES, FAINT, GRID, HEIGHTS, INK, Ink, PAPER, asked};
use super::{Layout, WIDTH, label};
use crate::chart::{Figure, letter, scale};

/// Puts the drawing of a figure into an element with its name and its description.
///
/// Programs find the plot by `data-box`, in units of the picture, and read its axes, which begin at
/// 0, by `data-span` in microseconds and `data-top` in the unit of the figure.
/// `runs` are the numbers of the runs whose curves were drawn, in the order of the drawing.
pub(super) fn around(
    drawing: &str,
    runs: &[usize],
    figure: &Figure,
    prefix: &str,
    layout: &Layout,
) -> String {
    let Layout { left, top, right, bottom, .. } = layout;
    let (span, highest) = (layout.times.top, layout.values.top);
    let told = Told {
        title: &figure.title,
        desc: description(figure),
        inks: figure.curves.len(),
        data: format!(
            " data-box=\"{left} {top} {right} {bottom}\" data-span=\"{span}\" data-top=\"{highest}\""
        ),
    };
    element(&classed(drawing, runs), &told, prefix, layout.height)
}

/// What a picture is, for those who do not see it, and how many colours it uses for what it compares.
pub(super) struct Told<'a> {
    pub(super) title: &'a str,
    pub(super) desc: String,
    pub(super) inks: usize,
    /// Attributes for programs, each after a space.
    pub(super) data: String,
}

/// Puts a drawing into an element that has a name, a description and colours for light and dark.
pub(super) fn element(drawing: &str, told: &Told<'_>, prefix: &str, height: i32) -> String {
    let prefix: String =
        prefix.chars().filter(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_')).collect();
    // The backend writes a head of its own, and repeats what is so without saying it. Quotes in
    // texts are escaped, so that this touches no text.
    let body = drawing.split_once(">\n").map_or(drawing, |(_, body)| body);
    let mut body = body.replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>");
    body = body.replace(" font-family=\"sans-serif\"", "");
    for height in HEIGHTS {
        let written = f64::from(asked(height)) / 1.24;
        body = body.replace(&format!("font-size=\"{written}\""), &format!("font-size=\"{height}\""));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" class=\"lab-figure\"{data} \
         role=\"img\" aria-labelledby=\"{prefix}-title {prefix}-desc\" font-family=\"sans-serif\">\n\
         <title id=\"{prefix}-title\">{title}</title>\n<desc id=\"{prefix}-desc\">{desc}</desc>\n\
         <style>\n{style}</style>\n{body}",
        data = told.data,
        title = escape(&label::clean(told.title)),
        desc = escape(&told.desc),
        style = style(told.inks),
    )
}

/// Gives curves and levels classes, and curves the number of their run: the backend knows of no
/// such thing. In the plot, which comes first, only curves are two units wide, and in the whole
/// drawing only levels are faint lines.
fn classed(body: &str, runs: &[usize]) -> String {
    let level = format!("stroke=\"{}\"", hex(FAINT.light));
    let mut runs = runs.iter();
    let lines = body.split_inclusive('\n').map(|line| {
        let Some(rest) = line.strip_prefix("<polyline ") else { return line.to_owned() };
        let run = if line.contains("stroke-width=\"2\"") { runs.next() } else { None };
        match run {
            Some(run) => format!("<polyline class=\"lab-curve\" data-run=\"{run}\" {rest}"),
            None if line.contains(&level) => format!("<polyline class=\"lab-level\" {rest}"),
            None => line.to_owned(),
        }
    });
    lines.collect()
}

/// The figure in words.
fn description(figure: &Figure) -> String {
    let curves = figure.curves.iter().enumerate().map(|(index, curve)| {
        let (peak, end) = curve.summary(figure.unit);
        format!("{} {}: peak {peak}, ends after {end}.", letter(index), label::clean(&curve.label))
    });
    let levels = figure.levels.iter().map(|level| {
        format!("Line {}: {}.", label::clean(&level.label), scale::amount(figure.unit, level.value))
    });
    curves.chain(levels).collect::<Vec<_>>().join(" ")
}

/// Rules that put custom properties in the place of the colours that the drawing was made with.
///
/// The drawing keeps its own colours for programs that skip these rules. `svg:root` is the picture
/// only where it is a file of its own: in a page, the page decides what is light and dark.
fn style(curves: usize) -> String {
    let inks = || CURVES[..curves.min(CURVES.len())].iter().chain([&INK, &FAINT, &GRID, &PAPER]);
    let mut style = String::new();
    for ink in inks() {
        let (light, name) = (hex(ink.light), ink.name);
        for what in ["fill", "stroke"] {
            rule(&mut style, &format!("[{what}=\"{light}\"]"), &format!("{what}:var({name},{light})"));
        }
        if !ink.dash.is_empty() {
            let dash = format!("stroke-dasharray:{}", ink.dash);
            rule(&mut style, &format!("polyline[stroke=\"{light}\"]"), &dash);
        }
    }
    let dark: String = inks().map(|ink: &Ink| format!("{}:{};", ink.name, hex(ink.dark))).collect();
    style.push_str("svg:root{background:var(--lab-paper,#FFFFFF)}\n");
    writeln!(style, "@media (prefers-color-scheme:dark){{svg:root{{{dark}}}}}")
        .expect("a string takes everything");
    style
}

fn rule(style: &mut String, what: &str, says: &str) {
    writeln!(style, ".lab-figure {what}{{{says}}}").expect("a string takes everything");
}

/// A colour as the backend writes it.
fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
