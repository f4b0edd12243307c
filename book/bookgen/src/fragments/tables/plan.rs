//! The plans of a workshop: what comes when, and what to say and ask.

use anyhow::{Context, Result, bail};
use lab::learn::predict::answer;
use serde::Deserialize;

use super::{Table, link, plain};
use crate::fragments::template::prose;
use crate::workbook::{Lesson, Workbook};

/// The file of the plans, relative to the repository.
const FILE: &str = "book/plans.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plans {
    plan: Vec<Plan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    id: String,
    /// How long all of it takes.
    minutes: u32,
    part: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Part {
    Scenario { scenario: String },
    Other { what: String, minutes: Option<u32>, say: String },
}

/// A line of a plan: how long it takes, if that is settled, what it is, and what to say.
type Step = (Option<u32>, String, String);

/// The table of each plan, by its id.
///
/// # Errors
///
/// Names the plan that does not add up, or the scenario that is not there.
pub(super) fn tables(workbook: &Workbook) -> Result<Vec<(String, Table)>> {
    let path = workbook.root.join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let plans: Plans = toml::from_str(&text).with_context(|| FILE.to_owned())?;
    let table = |plan: &Plan| {
        let steps = steps(workbook, plan)?;
        Ok((format!("plan-{}", plan.id), table(plan, steps)?))
    };
    plans.plan.iter().map(table).collect()
}

fn steps(workbook: &Workbook, plan: &Plan) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for part in &plan.part {
        match part {
            Part::Other { what, minutes, say } => steps.push((*minutes, plain(what), say.clone())),
            Part::Scenario { scenario } => {
                let lesson = workbook.lesson(scenario);
                let lesson =
                    lesson.with_context(|| format!("{FILE}: {}: no scenario {scenario}", plan.id))?;
                steps.extend(lesson_steps(lesson)?);
            }
        }
    }
    Ok(steps)
}

/// The three parts of a lesson. What to ask is the first question of its chapter.
fn lesson_steps(lesson: &Lesson) -> Result<[Step; 3]> {
    let scenario = &lesson.scenario;
    let (minutes, number) = (scenario.minutes, scenario.number);
    let asks = match scenario.questions.first() {
        Some(question) => match answer(question, &lesson.records) {
            Ok(found) => format!("Predict: {}", prose(&found.asks)),
            Err(why) => bail!("the question {} of {}: {why}", question.id, scenario.slug),
        },
        None => String::new(),
    };
    Ok([
        (
            Some(minutes.teach),
            format!("{}, shown", link(scenario)),
            format!("{asks} Then `make scenario-{number}`."),
        ),
        (
            Some(minutes.exercise),
            "its exercise".into(),
            format!(
                "`make exercise-{number}`, `make check-{number}`. After a while: who has looked at `make hint-{number}`?"
            ),
        ),
        (
            Some(minutes.debrief),
            "talk about it".into(),
            format!("Which fix would you ship, and why? What must stay: {}", plain(&scenario.lesson)),
        ),
    ])
}

fn table(plan: &Plan, steps: Vec<Step>) -> Result<Table> {
    let minutes = settled(plan, &steps.iter().map(|step| step.0).collect::<Vec<_>>())?;
    let mut table = Table::new(&["From", "For", "What", "Say and ask"]);
    let mut from = 0;
    for (minutes, (_, what, say)) in minutes.into_iter().zip(steps) {
        table.row([clock(from), format!("{minutes} min"), what, say]);
        from += minutes;
    }
    table.row([clock(from), format!("{from} min"), "all of it".into(), String::new()]);
    Ok(table)
}

/// The minutes of each step; the one that has none gets what is left.
fn settled(plan: &Plan, steps: &[Option<u32>]) -> Result<Vec<u32>> {
    let sum: u32 = steps.iter().flatten().sum();
    let open = steps.iter().filter(|minutes| minutes.is_none()).count();
    match plan.minutes.checked_sub(sum) {
        Some(left) if left > 0 && open == 1 => {
            Ok(steps.iter().map(|minutes| minutes.unwrap_or(left)).collect())
        }
        _ => bail!(
            "{FILE}: {}: its parts take {sum} of {} minutes, and {open} of them take what is left: it must be \
             one, and something must be left",
            plan.id,
            plan.minutes
        ),
    }
}

/// A time since the beginning.
fn clock(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn plan(minutes: u32) -> Plan {
        Plan { id: "an-hour".into(), minutes, part: Vec::new() }
    }

    #[test]
    fn one_part_takes_what_is_left_and_a_plan_without_room_is_refused() {
        let steps = [Some(20), None, Some(30)];
        assert_eq!(settled(&plan(60), &steps).unwrap(), [20, 10, 30]);
        for (minutes, steps) in [(50, &steps[..]), (40, &steps), (60, &steps[..1]), (60, &[None, None])] {
            let error = settled(&plan(minutes), steps).unwrap_err().to_string();
            assert!(error.contains("an-hour"), "{error}");
        }
    }

    #[test]
    fn the_plans_of_the_guide_take_the_minutes_of_their_scenarios_and_no_more_than_they_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let workbook = Workbook::open(&root).unwrap();
        let plans: Plans = toml::from_str(&std::fs::read_to_string(root.join(FILE)).unwrap()).unwrap();
        for plan in plans.plan {
            let steps = steps(&workbook, &plan).unwrap();
            let minutes: Vec<Option<u32>> = steps.iter().map(|step| step.0).collect();
            assert_eq!(settled(&plan, &minutes).unwrap().iter().sum::<u32>(), plan.minutes, "{}", plan.id);
            for scenario in plan.part.iter().filter_map(|part| match part {
                Part::Scenario { scenario } => workbook.lesson(scenario),
                Part::Other { .. } => None,
            }) {
                let its = scenario.scenario.minutes;
                let its = [its.teach, its.exercise, its.debrief].map(Some);
                assert!(minutes.windows(3).any(|three| three == its), "{}", plan.id);
            }
        }
    }
}
