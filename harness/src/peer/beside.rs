//! Both languages side by side: the same claim, measured in both.

use crate::judge::{judge, measured};
use crate::model::record::Record;
use crate::model::verdict::{CHECKSUM, Status, Verdict};
use crate::scenario::{Bound, Ends, Peer, Relation, Scenario};

/// The results of a peer's runs, next to ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// The verdicts on the peer: its claims, and that it computes what our programs compute.
    pub verdicts: Vec<Verdict>,
    /// The claims with a number, in the order of the verdicts.
    pub rows: Vec<Row>,
}

/// One claim on one variant, in both languages.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The verdict on the peer.
    pub theirs: Verdict,
    /// Our variant that it's compared with, and that one's measured value, with its unit.
    pub ours: Option<(String, String)>,
    /// Whether both languages show the same.
    pub agreement: Agreement,
    /// Why their numbers differ, where scenario.toml says so.
    pub why: Option<String>,
}

/// Whether two languages show the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Agreement {
    /// Both numbers are as large.
    Agrees,
    /// Both are on the same side of a bound, however far from it.
    BothHold,
    /// They aren't as large: by how much, as a share of ours, if that is a number.
    Differs(Option<f64>),
    /// Nothing of ours measures this.
    Alone,
}

/// The claim that both languages make without saying so: they compute the same.
pub const BOTH: &str = "both";

/// Numbers that differ by no more than this share are as large as each other.
const SAME: f64 = 0.05;

/// Judges the records of a scenario's peer, and lays them next to ours.
pub fn beside(scenario: &Scenario, peer: &Peer, theirs: &[Record], ours: &[Record]) -> Beside {
    let mut verdicts = judge(&peer.scenario, theirs);
    let row = |verdict| row(scenario, peer, verdict, theirs, ours);
    let rows = verdicts.iter().filter_map(row).collect();
    verdicts.extend(theirs.iter().filter_map(|record| both(peer, record, ours)));
    Beside { verdicts, rows }
}

/// A verdict on a number next to ours; `None` if no number is claimed.
fn row(
    scenario: &Scenario,
    peer: &Peer,
    verdict: &Verdict,
    theirs: &[Record],
    ours: &[Record],
) -> Option<Row> {
    let claim = peer.scenario.claims.iter().find(|claim| claim.id == verdict.claim)?;
    let their_record = theirs.iter().find(|record| record.header.variant == verdict.variant)?;
    let like = peer.like.get(&verdict.variant);
    let ours = like.and_then(|like| ours.iter().find(|record| record.header.variant == *like));
    let ours = ours.filter(|ours| ours.header.sizes == their_record.header.sizes);
    let model = scenario.claims.iter().find(|model| model.id == claim.id);
    let bounds = [
        claim.bounds.get(&verdict.variant),
        model.zip(like).and_then(|(model, like)| model.bounds.get(like)),
    ];
    let number = ours.and_then(|ours| measured(&claim.measure, ours).ok());
    let print = |number: f64| claim.measure.quantity().print(number);
    Some(Row {
        ours: like.zip(number).map(|(like, number)| (like.clone(), print(number))),
        agreement: agreement(bounds, verdict, number),
        why: peer.why.get(&claim.id).cloned(),
        theirs: verdict.clone(),
    })
}

/// Whether a verdict agrees with the number of ours, where these are the bounds of both.
fn agreement(bounds: [Option<&Bound>; 2], verdict: &Verdict, ours: Option<f64>) -> Agreement {
    let Some(ours) = ours else { return Agreement::Alone };
    let Some(theirs) = verdict.measured else { return Agreement::Differs(None) };
    let share = (theirs - ours).abs() / ours.abs();
    // A side of a bound is kept or not; how far away from it one is says nothing.
    let same_side = match bounds.map(|bound| bound.map(|bound| bound.relation)) {
        [Some(theirs), Some(ours)] => {
            theirs == ours && matches!(theirs, Relation::AtLeast | Relation::AtMost)
        }
        _ => false,
    };
    match verdict.status {
        Status::Holds if theirs == ours || share <= SAME => Agreement::Agrees,
        Status::Holds if same_side => Agreement::BothHold,
        _ => Agreement::Differs(share.is_finite().then_some(share)),
    }
}

/// The verdict that a peer computes what ours computes of the same numbers; `None` if nothing of ours
/// was given them.
fn both(peer: &Peer, record: &Record, ours: &[Record]) -> Option<Verdict> {
    let variant = peer.scenario.variant(&record.header.variant).ok()?;
    let (like, header) = (peer.like.get(&variant.name)?, &record.header);
    let same = |other: &&Record| {
        let other = &other.header;
        other.variant == *like && other.seed == header.seed && other.sizes == header.sizes
    };
    let model = ours.iter().find(same)?.fact(CHECKSUM)?;
    let stated = record.fact(CHECKSUM).filter(|_| variant.ends == Ends::Success)?;
    Some(Verdict {
        claim: BOTH.into(),
        says: "Both languages compute the same from the same numbers.".into(),
        variant: variant.name.clone(),
        status: if stated == model { Status::Holds } else { Status::Fails },
        measured: None,
        measured_text: format!("checksum {stated:016x}"),
        bound: None,
        bound_text: format!("ours has {model:016x}"),
        post: None,
        hint: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Against, Amount};

    fn verdict(status: Status, measured: Option<f64>) -> Verdict {
        Verdict {
            claim: "files".into(),
            says: String::new(),
            variant: "broken".into(),
            status,
            measured,
            measured_text: String::new(),
            bound: None,
            bound_text: String::new(),
            post: None,
            hint: None,
        }
    }

    fn bound(relation: Relation) -> Bound {
        let against = Against::Sizes(Amount { factor: 1.0, times: Vec::new(), plus: 0 });
        Bound { relation, against, when: None }
    }

    #[test]
    fn numbers_agree_if_both_are_as_large_or_on_the_same_side_of_the_same_bound() {
        let (exactly, at_most, at_least) =
            (bound(Relation::Exactly), bound(Relation::AtMost), bound(Relation::AtLeast));
        let both = |theirs, ours, measured, number| {
            agreement([theirs, ours], &verdict(Status::Holds, Some(measured)), Some(number))
        };
        assert_eq!(both(Some(&exactly), Some(&exactly), 160.0, 160.0), Agreement::Agrees);
        assert_eq!(both(Some(&exactly), Some(&exactly), 0.0, 0.0), Agreement::Agrees);
        assert_eq!(both(Some(&at_least), Some(&exactly), 168.0, 160.0), Agreement::Agrees);
        assert_eq!(both(Some(&at_least), Some(&exactly), 16.0, 8.0), Agreement::Differs(Some(1.0)));
        assert_eq!(both(Some(&at_most), Some(&at_most), 5.0, 1.0), Agreement::BothHold);
        assert_eq!(both(Some(&at_most), Some(&exactly), 1.0, 0.0), Agreement::Differs(None));
        assert_eq!(both(Some(&at_most), None, 5.0, 1.0), Agreement::Differs(Some(4.0)));
    }

    #[test]
    fn a_claim_that_fails_agrees_with_nothing_and_what_has_no_counterpart_is_alone() {
        let bounds = [None, None];
        assert_eq!(
            agreement(bounds, &verdict(Status::Fails, Some(1.0)), Some(1.0)),
            Agreement::Differs(Some(0.0))
        );
        assert_eq!(agreement(bounds, &verdict(Status::Fails, None), Some(1.0)), Agreement::Differs(None));
        assert_eq!(agreement(bounds, &verdict(Status::Holds, Some(1.0)), None), Agreement::Alone);
    }
}
