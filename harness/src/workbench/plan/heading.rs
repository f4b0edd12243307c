//! The lines printed above a run.

use super::Plan;
use crate::scenario::Scenario;
use crate::screen::Screen;

impl Plan {
    /// What will be run, and how it is confined.
    pub(crate) fn heading(&self, scenario: &Scenario, screen: &Screen) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let mut text = format!("{}\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
        let sizes = format!("Sizes ({}): {}; seed {}.", self.size, sizes.join(", "), self.seed);
        text.push_str(&screen.wrapped("", &sizes));
        if let Some(run) = self.runs.first() {
            text.push_str(&screen.wrapped("", &format!("Confined by: {}.", run.confinement.join("; "))));
        }
        for note in &self.notes {
            text.push_str(&screen.wrapped("", &format!("Note: {note}")));
        }
        text.push('\n');
        text
    }
}
