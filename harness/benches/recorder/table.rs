//! The tables: what was measured, the goals, and whether they were met.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use lab::model::record::Header;
use serde::Serialize;

/// All tables, and where, when and with what they were made.
#[derive(Serialize)]
pub(crate) struct Kept {
    recorded: String,
    machine: BTreeMap<String, String>,
    versions: BTreeMap<String, String>,
    rounds: usize,
    /// By the names of their parts.
    pub(crate) tables: BTreeMap<&'static str, Table>,
}

/// What came of one part.
#[derive(Serialize)]
pub(crate) struct Table {
    says: String,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
}

/// One line of a table.
#[derive(Serialize)]
struct Row {
    cells: Vec<String>,
    goal: Option<Goal>,
}

/// What a line should say, and whether it does.
#[derive(Serialize)]
pub(crate) struct Goal {
    pub(crate) says: &'static str,
    pub(crate) met: bool,
}

impl Kept {
    /// Says of the machine what `lab` says of it in this header of a record.
    pub(crate) fn new(header: Header, mut versions: BTreeMap<String, String>, rounds: usize) -> Self {
        versions.insert("lab".to_owned(), header.lab);
        let (recorded, machine) = (header.started, header.machine);
        Kept { recorded, machine, versions, rounds, tables: BTreeMap::new() }
    }
}

impl Table {
    /// A table that answers this question, under these heads; a column of goals follows.
    pub(crate) fn new(says: impl Into<String>, heads: &[&'static str]) -> Self {
        Table { says: says.into(), heads: heads.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>, goal: Option<Goal>) {
        self.rows.push(Row { cells: cells.into_iter().collect(), goal });
    }
}

impl Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |of: &BTreeMap<String, String>| {
            of.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        };
        writeln!(formatter, "{}", list(&self.versions))?;
        writeln!(formatter, "{}", list(&self.machine))?;
        writeln!(formatter, "{} rounds: the median, and the lowest and the highest", self.rounds)
    }
}

impl Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goals = self.rows.iter().map(|row| match &row.goal {
            None => String::new(),
            Some(goal) => format!("{}: {}", goal.says, if goal.met { "met" } else { "MISSED" }),
        });
        let head = self.heads.iter().chain(&["goal"]).map(|&head| head.to_owned()).collect();
        let body =
            self.rows.iter().zip(goals).map(|(row, goal)| row.cells.iter().cloned().chain([goal]).collect());
        let lines: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
        let width = |column: usize| {
            lines
                .iter()
                .filter_map(|line| line.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        writeln!(formatter, "{}\n", self.says)?;
        for line in &lines {
            let cells: Vec<String> = line
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("{cell:<width$}", width = width(column)))
                .collect();
            writeln!(formatter, "  {}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}
