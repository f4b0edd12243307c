//! What every page of the site has around its text, and mdBook doesn't know of.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::fragments::template::escaped;

/// The site as a whole.
pub(super) struct About {
    /// The address of the first page, if the book has a host.
    pub(super) host: Option<String>,
    /// What each page is about, in one or two sentences, by its path in the site.
    pub(super) descriptions: BTreeMap<PathBuf, String>,
    /// The day of the newest recorded result.
    pub(super) recorded: String,
}

/// The first page has two names.
const FIRST: [&str; 2] = ["index.html", "welcome.html"];

/// Where the first thing in each page leads: past the chapters and the buttons.
const SKIP: &str = "<a class=\"lab-skip\" href=\"#mdbook-content\">Skip to the text</a>";

const POST: &str = "https://layer6.ai/troubleshooting-memory-errors-in-python-parallel-processing";

/// Completes each page in place.
///
/// # Errors
///
/// Names the page that lacks what mdBook writes into all of them.
pub(super) fn finish(site: &Path, about: &About) -> Result<()> {
    for (page, description) in &about.descriptions {
        let page = if page == Path::new(FIRST[1]) {
            vec![FIRST[0], FIRST[1]]
        } else {
            vec![page.to_str().unwrap_or_default()]
        };
        for page in page {
            let path = site.join(page);
            let html = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let html =
                finished(&html, Path::new(page), description, about).with_context(|| page.to_owned())?;
            fs::write(&path, html)?;
        }
    }
    Ok(())
}

/// The whole address of a page.
pub(super) fn address(host: &str, page: &Path) -> String {
    let path = match FIRST.iter().any(|first| page == Path::new(first)) {
        true => String::new(),
        false => page.display().to_string(),
    };
    format!("{}/{path}", host.trim_end_matches('/'))
}

fn finished(html: &str, page: &Path, description: &str, about: &About) -> Result<String> {
    let description = escaped(description);
    let mut html = html.to_owned();
    for name in ["name=\"description\"", "property=\"og:description\""] {
        html = set(&html, name, |_| description.clone())?;
    }
    if let Some(host) = &about.host {
        let address = escaped(&address(host, page));
        // Few of those who show the picture of a page elsewhere know where a shorter address leads on from.
        let picture = format!("{}/social.png", host.trim_end_matches('/'));
        html = set(&html, "property=\"og:image\"", |_| picture.clone())?;
        let links = format!(
            "<link rel=\"canonical\" href=\"{address}\">\n<meta property=\"og:url\" content=\"{address}\">\n    </head>"
        );
        html = replaced(&html, "</head>", &links)?;
    }
    html = replaced(&html, "<body>", &format!("<body>\n    {SKIP}"))?;
    replaced(&html, "</main>", &format!("</main>\n{}", footer(&about.recorded)))
}

/// Puts another text into the `content` of the tag that has this attribute.
fn set(html: &str, attribute: &str, content: impl Fn(&str) -> String) -> Result<String> {
    let begin = format!("<meta {attribute} content=\"");
    let at = html.find(&begin).with_context(|| format!("no <meta {attribute}>"))? + begin.len();
    let end = at + html[at..].find('"').context("an attribute has an end")?;
    Ok(format!("{}{}{}", &html[..at], content(&html[at..end]), &html[end..]))
}

fn replaced(html: &str, old: &str, new: &str) -> Result<String> {
    ensure!(html.matches(old).count() == 1, "there must be one {old}");
    Ok(html.replacen(old, new, 1))
}

/// Under which terms, of which day, and after what.
fn footer(recorded: &str) -> String {
    format!(
        "<footer class=\"lab-footer\"><p>Text and code: <a rel=\"license\" href=\"https://spdx.org/licenses/MIT.html\">MIT</a> or \
         <a rel=\"license\" href=\"https://spdx.org/licenses/Apache-2.0.html\">Apache 2.0</a>, as you like. Recorded up to \
         <time datetime=\"{recorded}\">{recorded}</time>. The idea came from <a href=\"{POST}\">a post</a>.</p></footer>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><meta property=\"og:description\" content=\"all\">\
        <meta property=\"og:image\" content=\"../../social.png\"><meta name=\"description\" content=\"all\"></head>\
        <body><main>text</main></body>";

    fn about(host: Option<&str>) -> About {
        About { host: host.map(str::to_owned), descriptions: BTreeMap::new(), recorded: "2026-01-01".into() }
    }

    #[test]
    fn a_page_without_a_host_has_its_description_and_no_address() {
        let page = finished(PAGE, Path::new("a/b.html"), "It's \"b\" & <c>.", &about(None)).unwrap();
        assert_eq!(page.matches("content=\"It's &quot;b&quot; &amp; &lt;c&gt;.\"").count(), 2);
        assert!(!page.contains("canonical") && page.contains("../../social.png"));
        assert!(page.contains("<body>\n    <a class=\"lab-skip\"") && page.contains("2026-01-01"));
    }

    #[test]
    fn a_page_with_a_host_has_one_address_and_the_first_one_too() {
        let host = about(Some("https://example.org/book/"));
        let page = |name| finished(PAGE, Path::new(name), "b", &host).unwrap();
        assert!(page("a/b.html").contains("rel=\"canonical\" href=\"https://example.org/book/a/b.html\""));
        assert!(page("a/b.html").contains("content=\"https://example.org/book/social.png\""));
        for name in FIRST {
            assert!(page(name).contains("og:url\" content=\"https://example.org/book/\""));
        }
    }

    #[test]
    fn a_page_that_is_not_mdbooks_is_refused() {
        assert!(finished("<p>no page</p>", Path::new("a.html"), "a", &about(None)).is_err());
    }
}
