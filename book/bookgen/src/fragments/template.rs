//! The templates, and texts made safe for what they are put into.

use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use tera::{Context, Tera};

static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.add_raw_templates([
        ("figure.html", include_str!("../../templates/figure.html")),
        ("points.html", include_str!("../../templates/points.html")),
        ("predict.html", include_str!("../../templates/predict.html")),
    ])
    .expect("the templates of bookgen are well-formed");
    tera
});

/// Renders a template as one block of HTML: Markdown ends such a block at the first blank line.
pub(super) fn block(name: &str, context: &Context) -> Result<String> {
    let html = TEMPLATES.render(name, context).with_context(|| name.to_owned())?;
    let lines = html.lines().map(str::trim_end).filter(|line| !line.is_empty());
    Ok(lines.fold(String::new(), |text, line| text + line + "\n"))
}

/// A text of an author as HTML, with code where it has backticks.
pub(super) fn html(text: &str) -> String {
    let escaped = |part: &str| part.replace('&', "&amp;").replace('<', "&lt;");
    coded(text, escaped, |part| format!("<code>{}</code>", escaped(part)))
}

/// A text of an author as Markdown, with code where it has backticks, and else just itself.
pub(super) fn prose(text: &str) -> String {
    coded(text, |part| markdown(part), |part| format!("`{part}`"))
}

fn coded(text: &str, plain: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 0 { plain(part) } else { code(part) }).collect()
}

/// JSON for a `<script>`: no text in it can end the element.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// A text as Markdown that shows just this text, also in a cell of a table.
pub(super) fn markdown(text: impl AsRef<str>) -> String {
    let mut safe = String::new();
    for c in text.as_ref().chars() {
        match c {
            '\n' | '\r' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '{' | '}' | '#' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_record_can_become_markup() {
        assert_eq!(markdown("a|b <i>*x*</i>\n_y_"), r"a\|b \<i\>\*x\*\</i\> \_y\_");
        assert_eq!(json(&"</script><b>").unwrap(), r#""\u003c/script>\u003cb>""#);
    }
}
