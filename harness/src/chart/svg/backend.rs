//! The backend of plotters: it writes each shape as an SVG element, with its ink as its class.

use std::fmt::{self, Write};

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend, IntoDrawingArea};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

use super::ink::{INK, Ink, LETTERS, PAPER};

/// A drawing as the text of its elements.
pub(super) struct Svg<'a> {
    elements: &'a mut String,
    size: (u32, u32),
    /// The role of the next line.
    role: Option<Role>,
}

/// What a line is, for programs that read the picture.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// The curve of the run of this number, and whether it's drawn next to what it is compared with.
    Curve(usize, bool),
    /// The lane of a run.
    Lane(bool),
    /// The line of a level.
    Level,
    /// Dots, as a line that goes nowhere from each.
    Dots,
    /// The band of the process of this number.
    Band(usize),
    /// An area of a map, of this depth in so many.
    Heat(usize, usize),
}

/// What a figure is drawn on.
pub(super) type Paper<'a> = DrawingArea<Svg<'a>, Shift>;

/// The elements of a drawing on paper of this width and height.
pub(super) fn elements((width, height): (i32, i32), draw: impl FnOnce(&Paper)) -> String {
    let mut elements = String::new();
    let size = (width as u32, height as u32);
    draw(&Svg { elements: &mut elements, size, role: None }.into_drawing_area());
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
            Some(Role::Curve(run, is_twin)) => {
                format!("{ink} lab-curve{}\" data-run=\"{run}", if is_twin { " lab-twin" } else { "" })
            }
            Some(Role::Lane(true)) => format!("{ink} lab-twin"),
            Some(Role::Level) => format!("{ink} lab-level"),
            Some(Role::Dots) => format!("{ink} lab-dots"),
            Some(Role::Band(process)) => format!("{ink} lab-band\" data-band=\"{process}"),
            Some(Role::Heat(step, steps)) => {
                format!("{ink} lab-heat\" fill-opacity=\"{}", step as f64 / steps as f64)
            }
            Some(Role::Lane(false)) | None => ink.to_owned(),
        }
    }

    fn put(&mut self, element: fmt::Arguments<'_>) -> Done {
        writeln!(self.elements, "{element}").map_err(DrawingErrorKind::DrawingError)
    }
}

impl DrawingBackend for Svg<'_> {
    type ErrorType = fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        self.size
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
        let (role, class) = (self.role, self.class(ink));
        let width = match style.stroke_width() {
            1 => String::new(),
            width => format!(" stroke-width=\"{width}\""),
        };
        let way = match role {
            Some(Role::Dots) => dots(path),
            _ => way(path),
        };
        let begin = format!("<path class=\"{class}\"{width} d=\"");
        // Lines of one kind that nobody looks for are one element.
        let last = self.elements.rfind(&begin).filter(|_| role.is_none());
        if last.is_some_and(|last| self.elements[last..].lines().nth(1).is_none()) {
            self.elements.truncate(self.elements.len() - END.len());
            return self.put(format_args!("{way}\"/>"));
        }
        self.put(format_args!("{begin}{way}\"/>"))
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
        let ink = ink(style.color());
        // The style sheet sets the sign of a badge, and knows the colour of most texts.
        let is_sign = ink == PAPER.name;
        let class = if ink == INK.name { String::new() } else { format!(" class=\"{ink}\"") };
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center if is_sign => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let size = match style.size() {
            size if is_sign || size == f64::from(LETTERS) => String::new(),
            size => format!(" font-size=\"{size}\""),
        };
        let text = escape(text);
        self.put(format_args!("<text{class} x=\"{x}\" y=\"{y}\"{anchor}{size}>{text}</text>"))
    }
}

/// How the element of a line ends.
const END: &str = "\"/>\n";

/// A dot at each point: a line of no length has round ends.
fn dots(path: impl IntoIterator<Item = BackendCoord>) -> String {
    path.into_iter().map(|(x, y)| format!("M{x} {y}h0")).collect()
}

/// From point to point, each as far as it is from the one before: curves are steps, and this halves them.
fn way(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut way = String::new();
    let mut before: Option<BackendCoord> = None;
    for (x, y) in path {
        way += &match before {
            None => format!("M{x} {y}"),
            Some((left, above)) => match (x - left, y - above) {
                (0, 0) => String::new(),
                (right, 0) => format!("h{right}"),
                (0, down) => format!("v{down}"),
                (right, down) => format!("l{right} {down}"),
            },
        };
        before = Some((x, y));
    }
    way
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
