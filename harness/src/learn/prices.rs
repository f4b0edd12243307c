//! What each way out costs, read from the table of the scenario's chapter.

/// The heading of the chapter's section that has the table.
const HEADING: &str = "## The price of each fix";

/// The rows of the table: the variant, and what is said of it.
///
/// None where the chapter has no such table of its own.
pub fn prices(chapter: &str) -> Vec<(String, String)> {
    let section = chapter.lines().skip_while(|line| line.trim() != HEADING).skip(1);
    let section = section.take_while(|line| !line.starts_with("## "));
    let rows = section.filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'));
    // The headings, and the line below them, are no rows.
    rows.skip(2).filter_map(row).collect()
}

fn row(text: &str) -> Option<(String, String)> {
    let mut cells = text.split('|').map(|cell| plain(cell.trim()));
    let (name, does) = (cells.next()?, cells.next()?);
    // Between them are measured numbers, which a page includes. What is broken is no way out.
    let costs = cells.next_back().filter(|costs| !costs.is_empty())?;
    Some((name, format!("{does}. {costs}")))
}

/// Markdown without what stands around its words: marks of code, emphasis and links.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("](") {
        plain.push_str(before);
        rest = link.split_once(')').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.replace(['`', '*', '['], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_the_table_are_read_and_nothing_else() {
        let chapter = "## Why\n\n| a | b |\n\n## The price of each fix\n\n| V | D | P | C |\n|---|---|---|---|\n\
                       | `broken` | cuts | {{p}} | |\n\
                       | `fixed` | cuts *once* | {{q}} | See [mmap(2)](https://x/y). |\n\nText.\n\n## Try it\n";
        assert_eq!(prices(chapter), [("fixed".to_owned(), "cuts once. See mmap(2).".to_owned())]);
        assert_eq!(prices("# Nothing\n"), []);
    }
}
