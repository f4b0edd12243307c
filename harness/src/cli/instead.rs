//! Recorded runs, shown in place of a request that this machine can't run at all.

use crate::model::metric::Metric;
use crate::reference;
use crate::report::run::shown;
use crate::scenario::Scenario;
use crate::screen::{Screen, print};
use crate::workbench::Stop;

/// Prints the reference machine's runs of these variants (all that there are, if none is named) if a request came
/// to nothing because this machine can't do it. The reason itself is left to whoever prints the error.
pub(super) fn instead(
    error: &anyhow::Error,
    scenario: &Scenario,
    variants: &[String],
    metrics: &[&Metric],
    screen: &Screen,
) {
    let Some(Stop::NotHere(_)) = error.downcast_ref() else { return };
    let all = scenario.variants.iter().map(|variant| &variant.name);
    let is_asked = |name: &&String| variants.is_empty() || variants.contains(*name);
    let stand_ins = reference::stand_ins(scenario, all.filter(is_asked).map(String::as_str));
    if !stand_ins.is_empty() {
        print(&(shown(scenario, metrics, &[], &stand_ins, screen) + "\n"));
    }
}
