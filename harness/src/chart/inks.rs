//! Which colour a curve has: the same in all figures for what breaks, for what fixes it, and for a metric.

use super::{Curve, Figure};
use crate::model::metric::human;

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// The number of its colour, from 0 on.
    pub number: usize,
    /// Whether the colour is another curve's too, to which it's compared: it's dotted then.
    pub is_twin: bool,
}

/// So many colours there are.
const COLOURS: usize = 7;

/// The curves that have their own colour in all figures: two variants, and metrics by what they're about.
const KNOWN: &[(&str, usize)] = &[
    ("broken", 0),
    ("fixed", 1),
    ("tmpfs", 0),
    ("cgroup_shmem", 0),
    ("root_anon", 1),
    ("anon", 1),
    ("cgroup_anon", 1),
    ("rss", 2),
    ("children_rss", 2),
    ("pss", 3),
    ("children_pss", 3),
    ("uss", 4),
    ("children_uss", 4),
    ("private_dirty", 4),
    ("children_private_dirty", 4),
    ("disk_cached", 5),
    ("cgroup_file", 5),
    ("host_cached", 5),
    ("cgroup", 6),
];

/// What makes a label one of somebody else's run of the same.
const TWINS: [&str; 3] = ["your ", "Python's ", "yours, "];

impl Figure<'_> {
    /// The ink of each curve.
    pub fn inks(&self) -> Vec<Ink> {
        inks(&self.curves)
    }
}

/// The ink of each of these curves, which are in one picture.
pub(super) fn inks(curves: &[Curve<'_>]) -> Vec<Ink> {
    let mut inks: Vec<(&str, Ink)> = Vec::new();
    let names: Vec<&str> = curves.iter().map(|curve| base(&curve.label)).collect();
    let wishes: Vec<Option<usize>> = names.iter().map(|name| wish(name)).collect();
    for (place, name) in names.iter().enumerate() {
        let is_free = |number: &usize| inks.iter().all(|(_, ink)| ink.number != *number);
        let ink = match inks.iter().find(|(other, _)| other == name) {
            Some((_, ink)) => Ink { number: ink.number, is_twin: true },
            None => {
                let others = |number: &usize| !wishes.contains(&Some(*number));
                let free = (2..COLOURS).chain([0, 1]).find(|number| is_free(number) && others(number));
                let free = free.or_else(|| (0..COLOURS).find(is_free)).unwrap_or(place % COLOURS);
                Ink { number: wishes[place].filter(is_free).unwrap_or(free), is_twin: false }
            }
        };
        inks.push((name, ink));
    }
    inks.into_iter().map(|(_, ink)| ink).collect()
}

/// The label without whose run it is.
fn base(label: &str) -> &str {
    TWINS.iter().find_map(|whose| label.strip_prefix(whose)).unwrap_or(label)
}

fn wish(name: &str) -> Option<usize> {
    KNOWN.iter().find(|(known, _)| *known == name || human(known) == name).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::Unit;
    use crate::model::series::Series;

    fn inks(labels: &[&str]) -> Vec<(usize, bool)> {
        let curve = |label: &&str| Curve {
            label: (*label).to_owned(),
            series: Series::EMPTY,
            peak: None,
            end: 1,
            marks: &[],
        };
        let curves = labels.iter().map(curve).collect();
        let figure = Figure {
            title: String::new(),
            axis: String::new(),
            unit: Unit::Bytes,
            curves,
            levels: Vec::new(),
            in_own_time: false,
        };
        figure.inks().iter().map(|ink| (ink.number, ink.is_twin)).collect()
    }

    #[test]
    fn a_role_has_one_colour_wherever_it_stands() {
        assert_eq!(inks(&["broken", "fixed"]), [(0, false), (1, false)]);
        assert_eq!(inks(&["fixed-own", "fixed", "broken-full"]), [(2, false), (1, false), (3, false)]);
        assert_eq!(inks(&["broken", "broken-full"]), [(0, false), (2, false)]);
        assert_eq!(inks(&["cgroup", "shared memory"]), [(6, false), (0, false)]);
    }

    #[test]
    fn what_is_compared_shares_a_colour_and_is_dotted() {
        let peers = ["Python's broken", "broken", "Python's fixed", "fixed", "your broken"];
        assert_eq!(inks(&peers), [(0, false), (0, true), (1, false), (1, true), (0, true)]);
    }

    #[test]
    fn with_more_curves_than_colours_all_have_one() {
        let labels: Vec<String> = (0..13).map(|n| format!("fixed-{n}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        assert!(inks(&labels).iter().all(|(number, is_twin)| *number < COLOURS && !is_twin));
    }
}
