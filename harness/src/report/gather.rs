//! The report on a job: a map of its ranks, its nodes, the differences, and the rank to look at first.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::chart::svg::{draw, draw_heat};
use crate::chart::{Heat, HeatRow, amount, clean, seconds, terminal};
use crate::gather::{Job, Limit, Node, Rank};
use crate::model::metric::{Metric, Unit};
use crate::model::record::Record;
use crate::name::{program, short};
use crate::report::html::{escaped, heads, page as whole, row};
use crate::report::table::{Column, render};
use crate::report::{command, diagnosis};
use crate::screen::Screen;

/// A job with its picture, and the whole record of its worst rank.
pub(crate) struct Gathered<'a> {
    /// The job.
    pub(crate) job: &'a Job,
    /// The picture.
    pub(crate) metric: &'static Metric,
    /// The record of the rank to look at first.
    pub(crate) worst: Option<&'a Record>,
}

/// The time is cut into so many parts.
const PARTS: usize = 160;

/// The map in the terminal has at most so many lines.
const HEIGHT: u16 = 24;

/// In sentences, there are at most so many rows.
const SENTENCES: usize = 32;

/// So many ranks are named.
const NAMED: usize = 8;

/// The columns of the names.
const INDENT: usize = 12;

const STRING: &str = "a string takes all text";

impl Gathered<'_> {
    /// The map.
    fn heat(&self) -> Heat {
        let Gathered { job, metric, .. } = self;
        let worst = job.worst().map(|rank| rank.name.as_str());
        let rows = job.ranks.iter().zip(job.cells(PARTS)).map(|(rank, cells)| HeatRow {
            label: rank.name.clone(),
            cells,
            stands_out: Some(rank.name.as_str()) == worst,
        });
        Heat {
            title: format!("{} ranks: {}", job.ranks.len(), metric.meaning),
            unit: metric.unit,
            rows: rows.collect(),
            span: job.span,
            moment: job.mark.map(|t| (t, "mark".to_owned())),
        }
    }

    /// The map as a picture.
    pub(crate) fn svg(&self) -> String {
        draw_heat(&self.heat(), "lab")
    }

    /// The report, for a person.
    pub(crate) fn text(&self, screen: &Screen) -> String {
        let heat = self.heat();
        let mut text = String::new();
        if screen.describes {
            heat.sentences(SENTENCES).iter().for_each(|line| text.push_str(&screen.wrapped("", line)));
        } else {
            let lines = terminal::draw_heat(&heat, screen.width, HEIGHT, screen.palette, screen.charset);
            lines.iter().for_each(|line| writeln!(text, "{line}").expect(STRING));
            text.push('\n');
        }
        for (name, line) in self.lines() {
            text.push_str(&screen.item(&screen.bold(name), INDENT, &clean(&line)));
        }
        writeln!(text, "\n{}", self.table(screen)).expect(STRING);
        if let (Some(rank), Some(record)) = (self.job.worst(), self.worst) {
            text.push_str(&screen.wrapped("", &screen.bold(&clean(&format!("{}:", rank.name)))));
            text.push_str(&diagnosis::text(record, screen));
            writeln!(
                text,
                "`{} show {}` has more of it.",
                program(),
                clean(&short(&rank.path).display().to_string())
            )
            .expect(STRING);
        }
        text
    }

    /// The lines about the job, each with its name.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let job = self.job;
        let mut lines = vec![("Times", job.alignment.clone()), ("Ended", self.ends())];
        let common = job.common_marks();
        if let (None, [first, ..]) = (job.mark, common.as_slice()) {
            let names = listed(common.iter().map(|name| (*name).to_owned()));
            lines.push((
                "Marks",
                format!(
                    "all have made {names}; if they make one together, --align {first} aligns them on it"
                ),
            ));
        }
        let missing = job.missing();
        if !missing.is_empty() {
            let numbers = listed(missing.iter().map(u64::to_string));
            lines.push(("Missing", format!("{} ranks have no record here: {numbers}", missing.len())));
        }
        lines.push(("Differ", self.differing()));
        lines.extend(job.worst().map(|rank| {
            (
                "Worst",
                format!(
                    "{} on {}: {}, after {}",
                    rank.name,
                    rank.node(),
                    rank.outcome,
                    seconds(rank.duration)
                ),
            )
        }));
        lines
    }

    /// How the ranks ended, those that are alike together.
    fn ends(&self) -> String {
        let mut ends: Vec<(String, Vec<String>)> = Vec::new();
        for rank in &self.job.ranks {
            let end = rank.outcome.to_string();
            match ends.iter_mut().find(|(known, _)| *known == end) {
                Some((_, ranks)) => ranks.push(rank.name.clone()),
                None => ends.push((end, vec![rank.name.clone()])),
            }
        }
        let each = ends.into_iter().map(|(end, ranks)| match ranks.len() {
            number if number == self.job.ranks.len() => format!("all {end}"),
            number => format!("{number} {end} ({})", listed(ranks.into_iter())),
        });
        each.collect::<Vec<_>>().join("; ")
    }

    fn differing(&self) -> String {
        let (differing, median) = self.job.differing();
        let value = |value| amount(self.metric.unit, value);
        match median {
            None => "too few ranks to say which of them differs".to_owned(),
            Some(median) if differing.is_empty() => format!("none from the median peak of {}", value(median)),
            Some(median) => {
                let each = |rank: &Rank| format!("{} with {}", rank.name, value(rank.peak.unwrap_or(0)));
                let each = listed(differing.iter().map(|rank| each(rank)));
                format!("{} from the median peak of {}: {each}", differing.len(), value(median))
            }
        }
    }

    /// The nodes as a table.
    fn table(&self, screen: &Screen) -> String {
        let nodes = self.job.nodes();
        let cells = |cell: &dyn Fn(&Node) -> String| nodes.iter().map(cell).collect::<Vec<_>>();
        render(
            vec![
                Column::left("node", cells(&|node| clean(&node.name))),
                Column::right("ranks", cells(&|node| node.ranks.to_string())),
                Column::right("sum at most", cells(&|node| self.value(node.sum))),
                Column::right("charged to the groups", cells(&|node| self.value(node.charged))),
                Column::left("limit", cells(&|node| limit(node))),
            ],
            screen,
        )
    }

    fn value(&self, value: Option<u64>) -> String {
        value.map_or_else(|| "-".to_owned(), |value| amount(self.metric.unit, value))
    }

    /// The page: one file, with the map, the nodes, every rank, and the worst one's curve and diagnosis.
    pub(crate) fn page(&self) -> String {
        let (job, mut body) = (self.job, String::from("<table>\n<tbody>\n"));
        for (name, line) in self.lines() {
            body.push_str(&row(name, [line].into_iter()));
        }
        writeln!(body, "</tbody>\n</table>\n<figure>{}</figure>\n<h2>Nodes</h2>\n<table>", self.svg())
            .expect(STRING);
        body.push_str(&heads(["Node", "Ranks", "Sum at most", "Charged to the groups", "Limit"].into_iter()));
        for node in job.nodes() {
            let cells =
                [node.ranks.to_string(), self.value(node.sum), self.value(node.charged), limit(&node)];
            body.push_str(&row(&node.name, cells.into_iter()));
        }
        body.push_str("</table>\n");
        if let (Some(rank), Some(record)) = (job.worst(), self.worst) {
            let drawing = draw(&command::figure(record, &[self.metric]), "worst");
            writeln!(body, "<h2>{}</h2>\n<figure>{drawing}</figure>\n<table>\n<tbody>", escaped(&rank.name))
                .expect(STRING);
            for (name, line) in command::lines(record) {
                body.push_str(&row(name, [line].into_iter()));
            }
            body.push_str("</tbody>\n</table>\n");
        }
        body.push_str("<h2>Ranks</h2>\n<div class=\"wide\"><table>\n");
        body.push_str(&heads(["Rank", "Node", "Begins", "Lasts", "Peak", "End", "Record"].into_iter()));
        for rank in &job.ranks {
            let cells = [
                rank.node().to_owned(),
                seconds(rank.offset),
                seconds(rank.duration),
                self.value(rank.peak),
                rank.outcome.to_string(),
                rank.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            ];
            body.push_str(&row(&rank.name, cells.into_iter()));
        }
        body.push_str("</table></div>\n");
        whole("A job, rank by rank", &body)
    }

    /// The report for programs, as the book describes it.
    pub(crate) fn json(&self) -> Value {
        let job = self.job;
        let names = |ranks: &[&Rank]| ranks.iter().map(|rank| rank.name.clone()).collect::<Vec<_>>();
        let ranks: Vec<Value> = job
            .ranks
            .iter()
            .map(|rank| {
                json!({
                    "name": rank.name, "node": rank.node(), "begins": rank.offset, "lasts": rank.duration,
                    "peak": rank.peak, "end": rank.outcome.to_string(), "record": rank.path,
                })
            })
            .collect();
        let nodes: Vec<Value> = job
            .nodes()
            .iter()
            .map(|node| {
                json!({
                    "name": node.name, "ranks": node.ranks, "sum": node.sum, "charged": node.charged,
                    "limit": node.limit.map(Limit::bytes),
                    "limit_is": node.limit.map(|limit| match limit {
                        Limit::Groups(_) => "control groups",
                        Limit::Machine(_) => "memory of the machine",
                    }),
                })
            })
            .collect();
        json!({
            "metric": job.metric, "alignment": job.alignment, "lasts": job.span, "ranks": ranks, "nodes": nodes,
            "differ": names(&job.differing().0), "missing": job.missing(),
            "worst": job.worst().map(|rank| rank.name.clone()), "diagnosis": self.worst.map(diagnosis::json),
        })
    }
}

/// What bounds a node.
fn limit(node: &Node) -> String {
    let bytes = |bytes| amount(Unit::Bytes, bytes);
    match node.limit {
        Some(Limit::Groups(limit)) => format!("{} of control groups", bytes(limit)),
        Some(Limit::Machine(limit)) => format!("{} of the machine", bytes(limit)),
        None => "unknown".to_owned(),
    }
}

/// The first of these, and that there are more.
fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let more = if all.len() > NAMED { ", ..." } else { "" };
    format!("{}{more}", all.get(..NAMED).unwrap_or(&all).join(", "))
}
