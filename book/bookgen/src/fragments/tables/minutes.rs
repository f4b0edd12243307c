//! How long the scenarios take in a workshop, and what they need of a machine.

use lab::scenario::{Kind, Minutes, Need, Scenario};

use super::{Table, code, link, plain};
use crate::workbook::Lesson;

/// A row for each scenario, and the sum of all.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["", "Scenario", "Show it", "Exercise", "Talk", "Together", "It needs"]);
    let mut sum = [0; 3];
    for scenario in lessons.iter().map(|lesson| &lesson.scenario) {
        let Minutes { teach, exercise, debrief } = scenario.minutes;
        let minutes = [teach, exercise, debrief];
        sum = [0, 1, 2].map(|part| sum[part] + minutes[part]);
        table.row(row(scenario.number.to_string(), link(scenario), minutes, needs(scenario)));
    }
    table.row(row(String::new(), "All of them".into(), sum, String::new()));
    table
}

fn row(number: String, name: String, minutes: [u32; 3], needs: String) -> [String; 7] {
    let [teach, exercise, debrief] = minutes.map(|part| format!("{part} min"));
    [number, name, teach, exercise, debrief, format!("{} min", minutes.iter().sum::<u32>()), needs]
}

/// What a machine must be able to do: for the whole scenario, and for variants that need more.
fn needs(scenario: &Scenario) -> String {
    let words = |needs: &[Need]| needs.iter().map(word).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if !scenario.needs.is_empty() {
        parts.push(plain(words(&scenario.needs)));
    }
    let shown = scenario.variants.iter().filter(|variant| matches!(variant.kind, Kind::Broken | Kind::Fixed));
    // Those that need the same, in the order of the first of them.
    let mut alike: Vec<(String, Vec<String>)> = Vec::new();
    for variant in shown.filter(|variant| !variant.needs.is_empty()) {
        let (needs, name) = (words(&variant.needs), code(&variant.name));
        match alike.iter_mut().find(|(other, _)| *other == needs) {
            Some((_, names)) => names.push(name),
            None => alike.push((needs, vec![name])),
        }
    }
    parts.extend(alike.into_iter().map(|(needs, names)| format!("{}: {needs}", names.join(", "))));
    if parts.is_empty() { "nothing special".into() } else { parts.join("; ") }
}

fn word(need: &Need) -> &'static str {
    match need {
        Need::Tmpfs => "shared memory",
        Need::PrivateTmpfs => "a tmpfs of its own",
        Need::MemoryLimit => "a limit of memory",
        Need::Disk => "a disk",
        Need::HugePages => "huge pages",
        Need::Glibc => "glibc",
    }
}
