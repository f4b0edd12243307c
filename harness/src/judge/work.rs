//! The claim that the work was done: variants that got the same numbers computed the same.
//!
//! The seed is drawn again for each run, so a checksum can't be known without the work.

use super::run::Run;
use crate::model::verdict::{CHECKSUM, Status, Verdict, WORK};
use crate::scenario::Kind;

/// The verdicts on the work of every run that exited with 0.
pub(super) fn verdicts(runs: &[Run<'_>]) -> Vec<Verdict> {
    runs.iter().filter(|run| run.record.outcome().is_success()).map(|run| verdict(run, runs)).collect()
}

fn verdict(run: &Run<'_>, runs: &[Run<'_>]) -> Verdict {
    let stated = run.record.fact(CHECKSUM);
    let peers: Vec<&Run<'_>> = runs.iter().filter(|other| is_peer(run, other)).collect();
    let reference = peers.iter().find(|peer| peer.variant.kind == Kind::Fixed).or(peers.first());
    let model = reference.and_then(|peer| Some((&peer.variant.name, peer.record.fact(CHECKSUM)?)));
    let (status, hint) = match (stated, model) {
        (Some(_), _) if peers.len() == 1 => (
            Status::Holds,
            Some("Nothing was compared: no other variant ran with these sizes and seed.".into()),
        ),
        (Some(stated), Some((_, model))) if stated == model => (Status::Holds, None),
        (Some(_), _) => {
            let others = "The sizes and the seed are the same, so the tasks computed something else.";
            (Status::Fails, Some(others.into()))
        }
        (None, _) => {
            let nothing = format!("The program exited with 0 but never stated the fact '{CHECKSUM}'.");
            (Status::Fails, Some(nothing))
        }
    };
    Verdict {
        claim: WORK.into(),
        says: "The work is done, and it is the same work.".into(),
        variant: run.variant.name.clone(),
        status,
        measured: None,
        measured_text: stated.map_or_else(|| "no checksum".into(), |sum| format!("checksum {sum:016x}")),
        bound: None,
        bound_text: match model {
            Some((name, sum)) if peers.len() > 1 && stated == Some(sum) => format!("the same as {name}"),
            Some((name, sum)) if peers.len() > 1 => format!("{name} has {sum:016x}"),
            _ => "a checksum".into(),
        },
        post: None,
        hint,
    }
}

/// Whether `other` is a finished run of the same work: `run` itself, or one to compare it with.
fn is_peer(run: &Run<'_>, other: &Run<'_>) -> bool {
    let record = other.record;
    record.outcome().is_success() && record.fact(CHECKSUM).is_some() && other.same_input(run)
}
