//! The list of all pages, for search engines.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::page::{About, address};

/// Writes `sitemap.xml`. Only a book that has a host needs one, since it holds whole addresses.
pub(super) fn write(site: &Path, host: &str, about: &About) -> Result<()> {
    let pages: String = about
        .descriptions
        .keys()
        .map(|page| format!("<url><loc>{}</loc></url>\n", address(host, page)))
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
         {pages}</urlset>\n"
    );
    Ok(fs::write(site.join("sitemap.xml"), text)?)
}
