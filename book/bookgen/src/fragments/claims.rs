//! The claims of a scenario, with what was measured, in Markdown.

use lab::model::verdict::Verdict;
use std::fmt::Write;

use super::template::markdown;

/// Every claim as a sentence and a table of its own. Variants with the same result share a line.
pub(super) fn tables(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for of_claim in verdicts.chunk_by(|one, other| one.claim == other.claim) {
        let posts = of_claim.iter().any(|verdict| verdict.post.is_some());
        write!(text, "**{}**\n\n{}\n", markdown(&of_claim[0].says), head(posts)).expect(STRING);
        for (variants, result) in rows(of_claim) {
            let cells = if posts { &result[..] } else { &result[..2] };
            writeln!(text, "| {} | {} |", variants.join(", "), cells.join(" | ")).expect(STRING);
        }
        text.push('\n');
    }
    text
}

/// Writing to a string can't fail.
const STRING: &str = "a string takes all text";

fn head(posts: bool) -> &'static str {
    match posts {
        true => "| Variant | Measured | Must be | The post |\n|---|---|---|---|",
        false => "| Variant | Measured | Must be |\n|---|---|---|",
    }
}

/// What was measured, what it must be and what the post says, with all variants of which it is true.
fn rows(of_claim: &[Verdict]) -> Vec<(Vec<String>, [String; 3])> {
    let mut rows: Vec<(Vec<String>, [String; 3])> = Vec::new();
    for verdict in of_claim {
        let variant = format!("`{}`", verdict.variant);
        let post = verdict.post.as_deref().unwrap_or_default();
        let result = [&verdict.measured_text, &verdict.bound_text, post].map(markdown);
        match rows.iter_mut().find(|(_, other)| *other == result) {
            Some((variants, _)) => variants.push(variant),
            None => rows.push((vec![variant], result)),
        }
    }
    rows
}

#[cfg(test)]
mod tests {

    use super::*;
    use lab::model::verdict::Status;

    fn verdict(claim: &str, variant: &str, measured: &str, post: Option<&str>) -> Verdict {
        Verdict {
            claim: claim.into(),
            says: format!("It is so of {claim}."),
            variant: variant.into(),
            status: Status::Holds,
            measured: None,
            measured_text: measured.into(),
            bound: None,
            bound_text: "any".into(),
            post: post.map(str::to_owned),
            hint: None,
        }
    }

    #[test]
    fn variants_with_the_same_result_share_a_line() {
        let verdicts = [
            verdict("files", "broken", "160", Some("160 files")),
            verdict("files", "fixed", "8", None),
            verdict("files", "fixed-key", "8", None),
            verdict("peak", "broken", "640 MiB", None),
        ];
        assert_eq!(
            tables(&verdicts),
            "**It is so of files.**\n\n\
             | Variant | Measured | Must be | The post |\n|---|---|---|---|\n\
             | `broken` | 160 | any | 160 files |\n\
             | `fixed`, `fixed-key` | 8 | any |  |\n\n\
             **It is so of peak.**\n\n\
             | Variant | Measured | Must be |\n|---|---|---|\n\
             | `broken` | 640 MiB | any |\n\n"
        );
    }
}
