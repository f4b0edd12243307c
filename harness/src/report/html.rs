//! Pages that are one file, load nothing, and forbid the browser to run anything.

use crate::chart::clean;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #888; padding: .2rem .5rem; text-align: left; vertical-align: top; }
pre, .wide { overflow-x: auto; }
figure { margin: 1rem 0; }
svg { height: auto; max-width: 100%; }
body:has(.figures) { max-width: 78rem; }
.figures { display: grid; gap: 0 2rem; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); }
.grid { font-size: .8rem; line-height: 1.2; }
.grid th, .grid td { padding: .1rem .3rem; white-space: nowrap; }
.grid thead th { position: sticky; text-align: center; top: 0; }
.grid td { text-align: center; }
.legend { font-size: .8rem; }
.legend span { border: 1px solid #888; display: inline-block; text-align: center; width: 1.5em; }
.passed { background: #b7e1b1; color: #000; }
.begun { background: #fbe6a2; color: #000; }
.unknown { background: #d5d9e6; color: #000; }
.differs { background: #e5533d; color: #fff; font-weight: bold; }
@media print { h2 { break-before: page; } }";

/// A page with this title, which is text, and this body, which is HTML.
pub(crate) fn page(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// A text as HTML, without control characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(char),
            char => escaped.push_str(&clean(char.encode_utf8(&mut [0; 4]))),
        }
    }
    escaped
}

/// A row of a table, from cells that are text; the first one is its head.
pub(crate) fn row(head: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!("<td>{}</td>", escaped(&cell))).collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(head))
}

/// The head of a table.
pub(crate) fn heads<'a>(heads: impl Iterator<Item = &'a str>) -> String {
    let heads: String = heads.map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
    format!("<thead><tr>{heads}</tr></thead>\n")
}
