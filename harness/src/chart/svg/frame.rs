//! The surroundings of the drawing: the `<svg>` element, its texts for screen readers, and its style.

use super::backend::Paper;
use super::backend::{elements, escape};
use super::ink::{LETTERS, sheet};
use super::label;

/// What a picture is, for those who don't see it, and how many colours it uses for what it compares.
pub(super) struct Caption<'a> {
    pub(super) title: &'a str,
    pub(super) description: String,
    pub(super) inks: usize,
    /// Attributes for programs, each after a space.
    pub(super) data: String,
    /// The width and height of the picture.
    pub(super) size: (i32, i32),
}

/// Draws an element that has a name, a description and colours for light and dark.
pub(super) fn element(caption: &Caption, prefix: &str, draw: impl FnOnce(&Paper)) -> String {
    let (width, height) = caption.size;
    let prefix: String =
        prefix.chars().filter(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_')).collect();
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" class=\"lab-figure\"{data} role=\"img\" \
         aria-labelledby=\"{prefix}-title {prefix}-desc\" xmlns=\"http://www.w3.org/2000/svg\" \
         font-family=\"sans-serif\" font-size=\"{LETTERS}\" fill=\"currentColor\">\n\
         <title id=\"{prefix}-title\">{title}</title>\n<desc id=\"{prefix}-desc\">{description}</desc>\n\
         <style>\n{style}</style>\n{body}</svg>\n",
        data = caption.data,
        title = escape(&label::clean(caption.title)),
        description = escape(&caption.description),
        style = sheet(caption.inks),
        body = elements(caption.size, draw),
    )
}
