//! The judgement: claims x records -> verdicts.
//!
//! It is pure. It reads no file and no clock, so an old record can be judged again, and two people who judge the same
//! record see the same verdict. A verdict that isn't certain is UNKNOWN with its reason: a claim never holds because
//! something couldn't be seen.

mod bound;
mod denied;
mod end;
mod fit;
mod measure;
mod run;
mod work;

use crate::model::record::Record;
use crate::model::verdict::{ENDS, Status, Verdict};
use crate::scenario::{Claim, Kind, Measure, Need, Relation, Scenario, Trace};

use bound::Limit;
use end::End;
pub(crate) use end::{end_of, place, stopped};
pub use fit::Line;
use measure::Missing;
pub(crate) use measure::origin;
use run::Run;

/// Judges every run by how it ended, by its work, and by each claim that bounds its variant.
///
/// The verdicts come claim by claim, and within a claim in the order of the records.
pub fn judge(scenario: &Scenario, records: &[Record]) -> Vec<Verdict> {
    let mut runs = Vec::new();
    let mut verdicts = Vec::new();
    for record in records {
        match scenario.variant(&record.header.variant) {
            Ok(variant) if record.header.scenario == scenario.slug => runs.push(Run { variant, record }),
            Ok(_) => verdicts.push(unknown(record, format!("it isn't a record of {}", scenario.slug))),
            Err(missing) => {
                verdicts.push(unknown(record, format!("{missing}: the record is of another version")));
            }
        }
    }
    verdicts.extend(runs.iter().map(end::verdict));
    verdicts.extend(work::verdicts(&runs));
    let needs_huge_pages = scenario.needs.contains(&Need::HugePages);
    for claim in &scenario.claims {
        verdicts.extend(runs.iter().filter_map(|run| {
            let verdict = verdict(claim, run, &runs)?;
            Some(if needs_huge_pages { denied::adjusted(verdict, run.record) } else { verdict })
        }));
    }
    verdicts
}

/// The first of some kinds of programs that the run of a variant is of; `None` if it's of none of them, or if a record
/// can't tell.
pub(crate) fn recognised<'a>(
    traces: &'a [Trace],
    variant: &str,
    scenario: &Scenario,
    records: &[Record],
) -> Option<&'a Trace> {
    let runs: Vec<Run<'_>> = records
        .iter()
        .filter_map(|record| Some(Run { variant: scenario.variant(&record.header.variant).ok()?, record }))
        .collect();
    let mine = runs.iter().find(|run| run.variant.name == variant)?;
    traces.iter().find(|trace| {
        trace.seen.iter().all(|(measure, bound)| {
            let limit = Limit::of(bound, measure, mine, &runs);
            let seen = measure::measure(measure, mine.record);
            seen.is_ok_and(|seen| limit.status(bound.relation, seen.value) == Status::Holds)
        })
    })
}

/// One number out of a record, in the unit of the measure.
///
/// # Errors
///
/// Says why the record doesn't have it.
pub fn measured(measure: &Measure, record: &Record) -> Result<f64, String> {
    match measure::measure(measure, record) {
        Ok(seen) => Ok(seen.value),
        Err(Missing::Undone(why) | Missing::Unseen(why)) => Err(format!("{}: {why}", record.header.variant)),
    }
}

/// The verdict on one claim for one run; `None` if the claim doesn't bound the variant, or not such a run. A run
/// that doesn't say which kind it is of is held against the bounds for both.
fn verdict(claim: &Claim, run: &Run<'_>, runs: &[Run<'_>]) -> Option<Verdict> {
    let bound = claim.bounds.get(&run.variant.name)?;
    if bound.when.as_ref().and_then(|when| when.is_met(|fact| run.record.fact(fact))) == Some(false) {
        return None;
    }
    let quantity = claim.measure.quantity();
    let limit = Limit::of(bound, &claim.measure, run, runs);
    let seen = measure::measure(&claim.measure, run.record);
    let (status, measured, measured_text, hint) = match seen {
        Ok(seen) => {
            let status = limit.status(bound.relation, seen.value);
            let hint = if status == Status::Fails { seen.hint } else { None };
            (status, Some(seen.value), quantity.print(seen.value), hint)
        }
        Err(Missing::Undone(what)) => (Status::Fails, None, "nothing".into(), Some(what)),
        Err(Missing::Unseen(why)) => (Status::Unknown(why), None, "nothing".into(), None),
    };
    let (status, hint) = adjusted(status, hint, bound.relation, run);
    Some(Verdict {
        claim: claim.id.clone(),
        says: claim.says.clone(),
        variant: run.variant.name.clone(),
        status,
        measured,
        measured_text,
        bound: limit.number.ok(),
        bound_text: limit.text,
        post: claim.post.get(&run.variant.name).cloned(),
        hint,
    })
}

/// The status, in view of how the run ended.
///
/// A run that didn't end as expected hasn't done its work, and a small number is easily had by not
/// working. So it proves one thing alone: a broken variant that has reached a lower bound has reached it.
fn adjusted(
    status: Status,
    hint: Option<String>,
    relation: Relation,
    run: &Run<'_>,
) -> (Status, Option<String>) {
    match run.end() {
        End::AsExpected | End::AtLimit(_) => (status, hint),
        _ if status == Status::Holds && relation == Relation::AtLeast && run.variant.kind == Kind::Broken => {
            (status, hint)
        }
        End::Stopped(why) => (Status::Unknown(why), None),
        End::Otherwise(what) => {
            let what = format!("{what}, so its numbers prove nothing.");
            (Status::Fails, Some(hint.map_or(what.clone(), |hint| format!("{what} {hint}"))))
        }
    }
}

/// The verdict on a record that the scenario knows nothing of.
fn unknown(record: &Record, why: String) -> Verdict {
    Verdict {
        claim: ENDS.into(),
        says: end::SAYS.into(),
        variant: record.header.variant.clone(),
        status: Status::Unknown(why),
        measured: None,
        measured_text: record.outcome().to_string(),
        bound: None,
        bound_text: "nothing".into(),
        post: None,
        hint: None,
    }
}

#[cfg(test)]
mod tests;
