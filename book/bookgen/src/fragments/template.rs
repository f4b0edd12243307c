//! The templates, and texts made safe for what they are put into.

use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use lab::chart::{Figure, svg};
use tera::{Context, Tera};

static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.add_raw_templates([
        ("claims.html", include_str!("../../templates/claims.html")),
        ("mysteries.html", include_str!("../../templates/mysteries.html")),
        ("diagram.html", include_str!("../../templates/diagram.html")),
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
    coded(text, escaped, |part| format!("<code>{}</code>", escaped(part)))
}

/// A text as HTML, or as the value of an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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

/// A picture as it is in a page, whose style sheet has what it brings along for elsewhere: the last of its attributes,
/// and its rules.
pub(super) fn without_rules(svg: &str) -> String {
    let parts = svg.split_once(" xmlns").and_then(|(head, rest)| {
        let (before, rest) = rest.split_once('>')?.1.split_once("<style>")?;
        Some(format!("{head}>{before}{}", rest.split_once("</style>\n")?.1))
    });
    parts.expect("svg draws a whole picture")
}

/// A picture as HTML, and the one for phones that the style sheet shows in its place.
pub(super) fn drawn(wide: &str, narrow: &str) -> String {
    let [wide, narrow] = [wide, narrow].map(without_rules);
    format!(
        "<div class=\"lab-plot lab-wide\">{wide}</div>\n<div class=\"lab-plot lab-narrow\">{narrow}</div>"
    )
}

/// A figure as HTML.
pub(super) fn figure(figure: &Figure, id: &str) -> String {
    drawn(&svg::draw(figure, id), &svg::draw_narrow(figure, &narrow(id)))
}

/// The id of the picture for phones.
pub(super) fn narrow(id: &str) -> String {
    format!("{id}-narrow")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::chart::Curve;
    use lab::model::metric::Unit;
    use lab::model::series::Series;
    use regex::Regex;

    #[test]
    fn no_text_of_a_record_can_become_markup() {
        assert_eq!(markdown("a|b <i>*x*</i>\n_y_"), r"a\|b \<i\>\*x\*\</i\> \_y\_");
        assert_eq!(json(&"</script><b>").unwrap(), r#""\u003c/script>\u003cb>""#);
    }

    #[test]
    fn the_style_sheet_has_the_rules_of_a_picture() {
        let curve = |number: u32| Curve {
            label: number.to_string(),
            series: Series::of(&[0, 1], &[1, 2]),
            peak: None,
            end: 1,
            marks: &[],
        };
        let curves = (1..=7).map(curve).collect();
        let figure = Figure {
            title: "all inks".into(),
            axis: "memory".into(),
            unit: Unit::Bytes,
            curves,
            levels: Vec::new(),
            in_own_time: false,
        };
        let picture = svg::draw(&figure, "inks");
        let (_, rest) = picture.split_once("<style>\n").expect("a picture has rules");
        let (rules, _) = rest.split_once("</style>").expect("they end");
        let css = include_str!("../../../theme/lab.css");
        // Here the colours are those of the theme, and there's none to fall back to.
        let fallback = Regex::new("(color|stroke):#[0-9A-F]{6};|,#[0-9A-F]{6}").expect("it is well-formed");
        let rules: Vec<&str> = rules.lines().filter(|rule| rule.starts_with(".lab-figure")).collect();
        assert!(rules.len() > 12, "{rules:?}");
        for rule in rules {
            let rule = fallback.replace_all(rule, "");
            assert!(css.contains(&*rule), "the style sheet lacks {rule}");
        }
        assert!(!without_rules(&picture).contains("style>"));
    }
}
