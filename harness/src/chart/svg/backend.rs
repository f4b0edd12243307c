//! The backend of plotters: it writes each shape as an SVG element, with its ink as its class.

use std::fmt::{self, Write};

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend, IntoDrawingArea};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

use super::WIDTH;
use super::ink::Ink;

/// A drawing as the text of its elements.
pub(super) struct Svg<'a> {
    elements: &'a mut String,
    height: u32,
    /// The role of the next line.
    role: Option<Role>,
}

/// What a line is, for programs that read the picture.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// The curve of the run of this number.
    Curve(usize),
    /// The line of a level.
    Level,
    /// The band of the process of this number.
    Band(usize),
}

/// What a figure is drawn on.
pub(super) type Paper<'a> = DrawingArea<Svg<'a>, Shift>;

/// The elements of a drawing on paper of this height.
pub(super) fn elements(height: i32, draw: impl FnOnce(&Paper)) -> String {
    let mut elements = String::new();
    draw(&Svg { elements: &mut elements, height: height as u32, role: None }.into_drawing_area());
    elements
}

type Done = Result<(), DrawingErrorKind<fmt::Error>>;

impl Svg<'_> {
    /// Gives the next line this role.
    pub(super) fn play(&mut self, role: Role) {
        self.role = Some(role);
    }

    /// The class of the next line or area, by its ink and its role.
    fn class(&mut self, ink: &str) -> String {
        match self.role.take() {
            Some(Role::Curve(run)) => format!("{ink} lab-curve\" data-run=\"{run}"),
            Some(Role::Level) => format!("{ink} lab-level"),
            Some(Role::Band(process)) => format!("{ink} lab-band\" data-band=\"{process}"),
            None => ink.to_owned(),
        }
    }

    fn put(&mut self, element: fmt::Arguments<'_>) -> Done {
        writeln!(self.elements, "{element}").map_err(DrawingErrorKind::DrawingError)
    }
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        (WIDTH as u32, self.height)
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    /// Shapes that the pens don't draw come as pixels.
    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Done {
        self.put(format_args!(
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\"/>",
            ink(color)
        ))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let ink = ink(style.color());
        let class = self.class(ink);
        let width = match style.stroke_width() {
            1 => String::new(),
            width => format!(" stroke-width=\"{width}\""),
        };
        let points = points(path);
        self.put(format_args!("<polyline class=\"{class}\"{width} points=\"{points}\"/>"))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let (class, points) = (self.class(ink(style.color())), points(path));
        self.put(format_args!("<polygon class=\"{class}\" points=\"{points}\"/>"))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Done {
        let ink = ink(style.color());
        self.put(format_args!("<circle class=\"{ink}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"))
    }

    /// The middle of each text is level with its place.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Done {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let (ink, size, text) = (ink(style.color()), style.size(), escape(text));
        self.put(format_args!(
            "<text class=\"{ink}\" x=\"{x}\" y=\"{y}\" dy=\"0.5ex\"{anchor} font-size=\"{size}\">{text}</text>"
        ))
    }
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let points: Vec<String> = path.into_iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}

fn ink(color: BackendColor) -> &'static str {
    Ink::of(color.rgb).expect("every pen draws with an ink").name
}

/// The text with what XML would read as markup replaced.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
