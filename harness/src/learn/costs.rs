//! The costs of each fix, in plain text: a terminal and a sheet of paper have no links.

use crate::scenario::Scenario;

/// The variants whose costs are stated, with the words on each.
pub fn costs(scenario: &Scenario) -> Vec<(&str, String)> {
    let stated = scenario.variants.iter().filter_map(|variant| Some((variant, variant.costs.as_ref()?)));
    let text = |does: &str, costs: &str| format!("{}. {}", plain(does), plain(costs));
    stated.map(|(variant, stated)| (variant.name.as_str(), text(&stated.does, &stated.costs))).collect()
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
    fn markdown_keeps_its_words_alone() {
        assert_eq!(plain("cuts *once*: see [`mmap`(2)](https://x/y)."), "cuts once: see mmap(2).");
    }
}
