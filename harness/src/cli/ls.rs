//! `lab ls`: the recorded commands.

use anyhow::Result;
use serde_json::json;

use crate::chart::{amount, clean, seconds};
use crate::model::record::Record;
use crate::name::filled;
use crate::recorder::MAX_SAMPLES;
use crate::report::command::curve;
use crate::report::json;
use crate::report::table::{Column, render};
use crate::screen::{Screen, print, say};
use crate::store::Store;

/// List the recorded commands; the latest is -1
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Lists them, the latest last; a number counts back from the latest.
    pub(super) fn run(self) -> Result<u8> {
        let paths = Store::anywhere()?.commands();
        let records = paths.iter().map(|path| {
            let record = Record::read_thinned(path, MAX_SAMPLES);
            (path, record.inspect_err(|error| say(&error.to_string())))
        });
        if self.json {
            let all: Vec<_> =
                records.filter_map(|(path, record)| Some(json::command(&record.ok()?, Some(path)))).collect();
            print(&format!("{:#}\n", json!(all)));
            return Ok(0);
        }
        if paths.is_empty() {
            print(&filled("No command was recorded yet: `{lab} record -- COMMAND` records one.\n"));
            return Ok(0);
        }
        let rows = records.map(|(path, record)| match record {
            Ok(record) => describe(&record),
            Err(_) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                ["-".into(), "-".into(), "-".into(), clean(&format!("unreadable: {name}"))]
            }
        });
        let rows: Vec<[String; 4]> = rows.collect();
        let column = |cell: usize| rows.iter().map(move |row| row[cell].clone());
        let numbers = (0..rows.len()).map(|index| format!("-{}", rows.len() - index));
        let columns = vec![
            Column::right("", numbers),
            Column::left("started", column(0)),
            Column::right("peak", column(1)),
            Column::right("time", column(2)),
            Column::filling("command", column(3)),
        ];
        print(&render(columns, &Screen::detect()));
        Ok(0)
    }
}

fn describe(record: &Record) -> [String; 4] {
    let metric = curve(record);
    let peak = record.peak(metric.name).map_or("-".into(), |peak| amount(metric.unit, peak));
    let message = record.header.command.as_ref().and_then(|command| command.message.as_ref());
    let name = message.unwrap_or(&record.header.title);
    let command = clean(&format!("{name}: {}", record.outcome()));
    [record.header.started.clone(), peak, seconds(record.duration()), command]
}
