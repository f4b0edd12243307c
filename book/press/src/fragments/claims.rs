//! The claims of a scenario, with what was measured, as a table in Markdown.

use std::fmt::Write;

use lab::claim::Verdict;

use super::template::markdown;

/// The verdicts as a table.
pub(super) fn table(verdicts: &[Verdict]) -> String {
    let mut text =
        String::from("| Claim | Variant | Measured | Must be | The post |\n|---|---|---|---|---|\n");
    for verdict in verdicts {
        let post = verdict.post.as_deref().unwrap_or_default();
        let cells = [&verdict.says, &verdict.variant, &verdict.measured_text, &verdict.bound_text, post]
            .map(markdown);
        writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes all text");
    }
    text
}
