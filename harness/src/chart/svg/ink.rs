//! The colours of the pictures, and the style sheet that holds them.

use std::fmt::Write;

use plotters::style::RGBColor;

/// A colour with two sides, which a page may set.
pub(super) struct Ink {
    /// The class of shapes drawn with it; with `--` in front, the custom property of a page.
    pub(super) name: &'static str,
    /// In light surroundings, and for programs without custom properties.
    light: u32,
    /// In dark surroundings.
    dark: u32,
    /// The dashes of lines in this colour, as SVG has them; solid if empty.
    dash: &'static str,
}

/// Text and marks.
pub(super) const INK: Ink = Ink { name: "lab-ink", light: 0x222222, dark: 0xE6E6E6, dash: "" };
/// What stands back: axes, units, levels.
pub(super) const FAINT: Ink = Ink { name: "lab-faint", light: 0x666666, dark: 0xA8A8A8, dash: "2 3" };
/// The lines of the grid.
pub(super) const GRID: Ink = Ink { name: "lab-grid", light: 0xE4E4E4, dark: 0x3A3A3A, dash: "" };
/// The background.
pub(super) const PAPER: Ink = Ink { name: "lab-paper", light: 0xFFFFFF, dark: 0x1B1B1B, dash: "" };

/// Curves: the colours of Okabe and Ito, darkened where white paper needs it, each with its dashes.
const CURVES: [Ink; 7] = [
    Ink { name: "lab-1", light: 0xD55E00, dark: 0xF58231, dash: "" },
    Ink { name: "lab-2", light: 0x0072B2, dark: 0x4BA3E3, dash: "7 3" },
    Ink { name: "lab-3", light: 0x00805E, dark: 0x2FC49B, dash: "3 3" },
    Ink { name: "lab-4", light: 0xB97F00, dark: 0xE6B422, dash: "10 3 2 3" },
    Ink { name: "lab-5", light: 0xB35C8E, dark: 0xDE96C2, dash: "2 2" },
    Ink { name: "lab-6", light: 0x3A93C8, dark: 0x8FD0F5, dash: "5 2 1 2 1 2" },
    Ink { name: "lab-7", light: 0x505050, dark: 0xC0C0C0, dash: "12 5" },
];

/// The size of most letters, which they needn't say.
pub(super) const LETTERS: u8 = 12;

/// The size of the letter or number in a disc.
pub(super) const SIGN: u32 = 11;

/// The ink of a curve.
pub(super) fn curve(index: usize) -> &'static Ink {
    &CURVES[index % CURVES.len()]
}

impl Ink {
    /// The ink that plotters knows by this colour.
    pub(super) fn of(rgb: (u8, u8, u8)) -> Option<&'static Ink> {
        used(CURVES.len()).find(|ink| {
            let RGBColor(red, green, blue) = ink.color();
            (red, green, blue) == rgb
        })
    }

    /// The colour by which plotters knows the ink.
    pub(super) fn color(&self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

/// The inks of a picture of so many curves.
fn used(curves: usize) -> impl Iterator<Item = &'static Ink> {
    CURVES.iter().take(curves).chain([&INK, &FAINT, &GRID, &PAPER])
}

/// The rules for a picture of so many curves.
///
/// A program without custom properties keeps the first of two colours. `svg:root` is the picture only if it's a
/// separate file: in a page, the page decides what is light and dark.
pub(super) fn sheet(curves: usize) -> String {
    let mut sheet = String::from(".lab-figure>path{fill:none;stroke:currentColor}\n");
    for Ink { name, light, dash, .. } in used(curves) {
        let dash = if dash.is_empty() { String::new() } else { format!(";stroke-dasharray:{dash}") };
        writeln!(sheet, ".lab-figure .{name}{{color:#{light:06X};color:var(--{name},#{light:06X}){dash}}}")
            .expect("a string takes everything");
    }
    sheet.push_str(".lab-figure .lab-twin{stroke-dasharray:1.5 3}\n");
    sheet.push_str(".lab-figure .lab-dots{stroke-width:6px;stroke-dasharray:none;stroke-linecap:round}\n");
    // The middle of a text is level with its place. What has no other colour is ink, and what's on paper's is a sign.
    let Ink { name, light, .. } = INK;
    write!(
        sheet,
        ".lab-figure text{{color:#{light:06X};color:var(--{name},#{light:06X});dominant-baseline:central}}\n\
         .lab-figure text.lab-paper{{font-size:{SIGN}px;text-anchor:middle}}\n"
    )
    .expect("a string takes everything");
    // A line in the colour of the paper around words and discs keeps them apart from curves.
    for (shapes, width) in [("text:not(.lab-paper)", 3), ("circle[r]", 4)] {
        writeln!(
            sheet,
            ".lab-figure {shapes}{{stroke:#FFFFFF;stroke:var(--lab-paper,#FFFFFF);stroke-width:{width}px;\
             stroke-dasharray:none;paint-order:stroke}}"
        )
        .expect("a string takes everything");
    }
    let dark: String = used(curves).map(|ink| format!("--{}:#{:06X};", ink.name, ink.dark)).collect();
    sheet
        + "svg:root{background:var(--lab-paper,#FFFFFF)}\n"
        + &format!("@media (prefers-color-scheme:dark){{svg:root{{{dark}}}}}\n")
}
