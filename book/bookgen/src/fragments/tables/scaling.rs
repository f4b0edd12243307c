//! The figures of the post, next to what the laws say for its sizes.

use std::collections::BTreeMap;

use lab::scenario::{Against, Amount, Bound, Claim, Relation, Scenario};

use super::{Table, nothing, plain, render, run};
use crate::workbook::Lesson;

/// A row for each claim on a variant that has a figure of the post and is bounded by a law.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Run", "Claim", "The law", "Here", "At the post's sizes", "The post"]);
    for lesson in lessons {
        let Some(post) = lesson.scenario.sizes.get("post") else { continue };
        for claim in &lesson.scenario.claims {
            // The post has words for some of them only, and words scale with nothing.
            let figures =
                claim.post.iter().filter(|(_, figure)| figure.contains(|c: char| c.is_ascii_digit()));
            for (variant, figure) in figures {
                if let Some([law, there]) = law(claim, variant, post) {
                    let here = here(lesson, claim, variant).map_or_else(nothing, plain);
                    let name = run(&lesson.scenario, variant);
                    table.row([name, plain(&claim.says), law, here, there, plain(figure)]);
                }
            }
        }
    }
    table
}

/// The law in words, and what it comes to with these sizes; `None` if the bound is no law.
fn law(claim: &Claim, variant: &str, sizes: &BTreeMap<String, u64>) -> Option<[String; 2]> {
    let Bound { relation, against, .. } = claim.bounds.get(variant)?;
    let Against::Sizes(bound) = against else { return None };
    let quantity = claim.measure.quantity();
    if bound.times.is_empty() {
        return None;
    }
    let word = relation_word(*relation);
    let value = render(bound.value(sizes, quantity), quantity);
    Some([format!("{word}{}", product(bound)), format!("{word}{value}")])
}

fn relation_word(relation: Relation) -> &'static str {
    match relation {
        Relation::AtLeast => "at least ",
        Relation::AtMost => "at most ",
        Relation::Exactly => "",
        Relation::About { .. } => "about ",
    }
}

/// The product in the names of the sizes, such as `array x repeats`.
fn product(bound: &Amount) -> String {
    let bare = |name: &String| {
        let bare = name.strip_suffix("_mib").or(name.strip_suffix("_kib")).unwrap_or(name);
        bare.replace('_', " ")
    };
    let mut parts: Vec<String> = bound.times.iter().map(bare).collect();
    if bound.factor != 1.0 {
        parts.insert(0, bound.factor.to_string());
    }
    parts.join(" x ")
}

/// What the recorded run has measured.
fn here<'a>(lesson: &'a Lesson, claim: &Claim, variant: &str) -> Option<&'a str> {
    let mut verdicts = lesson.verdicts.iter();
    let verdict = verdicts.find(|verdict| verdict.claim == claim.id && verdict.variant == variant)?;
    Some(&verdict.measured_text)
}

/// The law of a claim for a variant; `None` if it is held against another variant.
pub(super) fn bound_of<'a>(scenario: &'a Scenario, claim: &str, variant: &str) -> Option<&'a Amount> {
    let claim = scenario.claims.iter().find(|other| other.id == claim)?;
    match &claim.bounds.get(variant)?.against {
        Against::Sizes(amount) => Some(amount),
        Against::Variant { .. } => None,
    }
}
