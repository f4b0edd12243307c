//! The claims of a scenario, with what was measured: one table, whose columns are the same for all.

use anyhow::Result;
use lab::model::verdict::Verdict;
use serde::Serialize;
use tera::Context;

use super::template;

/// A claim, and what came of it.
#[derive(Serialize)]
pub(super) struct Claim {
    /// As HTML, like the cells and `why`.
    pub(super) says: String,
    pub(super) rows: Vec<Row>,
    pub(super) why: Option<String>,
}

/// A result, with all variants of which it is true.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) variants: Vec<String>,
    pub(super) cells: Vec<String>,
}

/// Every claim with its results.
pub(super) fn table(verdicts: &[Verdict]) -> Result<String> {
    let posts = verdicts.iter().any(|verdict| verdict.post.is_some());
    let heads = if posts { &["Measured", "Required", "The post"][..] } else { &["Measured", "Required"] };
    let claims = verdicts.chunk_by(|one, other| one.claim == other.claim).map(|of_claim| Claim {
        says: template::html(&of_claim[0].says),
        rows: rows(of_claim.iter().map(|verdict| {
            let post = verdict.post.as_deref().unwrap_or_default();
            let cells = [&verdict.measured_text, &verdict.bound_text, post].map(template::html);
            (verdict.variant.clone(), cells[..heads.len()].to_vec())
        })),
        why: None,
    });
    drawn(heads, &claims.collect::<Vec<_>>())
}

/// The table of these claims, as one block.
pub(super) fn drawn(heads: &[&str], claims: &[Claim]) -> Result<String> {
    let mut context = Context::new();
    context.insert("heads", heads);
    context.insert("claims", claims);
    template::block("claims.html", &context)
}

/// The results, in which variants with the same one share a row.
pub(super) fn rows(results: impl Iterator<Item = (String, Vec<String>)>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (variant, cells) in results {
        match rows.iter_mut().find(|row| row.cells == cells) {
            Some(row) => row.variants.push(variant),
            None => rows.push(Row { variants: vec![variant], cells }),
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
            says: format!("It is `so` of {claim}."),
            variant: variant.into(),
            status: Status::Holds,
            measured: None,
            measured_text: measured.into(),
            bound: None,
            bound_text: "< any".into(),
            post: post.map(str::to_owned),
            hint: None,
        }
    }

    #[test]
    fn all_claims_share_a_table_and_variants_with_the_same_result_a_row() {
        let verdicts = [
            verdict("files", "broken", "160", Some("160 files")),
            verdict("files", "fixed", "8", None),
            verdict("files", "fixed-key", "8", None),
            verdict("peak", "broken", "640 MiB", None),
        ];
        let html = table(&verdicts).unwrap();
        assert_eq!(html.matches("<table").count(), 1);
        assert_eq!(html.matches("<tbody>").count(), 2);
        assert!(html.contains(
            "<th scope=\"rowgroup\" colspan=\"4\"><span>It is <code>so</code> of files.</span></th>"
        ));
        assert!(html.contains(
            "<tr><th scope=\"row\"><code>fixed</code>, <code>fixed-key</code></th><td>8</td><td>&lt; any</td><td></td></tr>"
        ));
        let html = table(&verdicts[1..]).unwrap();
        assert!(html.contains("colspan=\"3\"") && !html.contains("The post"), "{html}");
    }
}
