//! `lab ls`: the commands that were recorded.

use anyhow::Result;
use serde_json::json;

use super::run::Form;
use crate::chart::{amount, seconds};
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::command::{as_json, curve};
use crate::screen::{Screen, print};
use crate::store::Store;

/// Lists them, the latest last; a number counts back from the latest.
pub(crate) fn ls(form: Form) -> Result<u8> {
    let paths = Store::anywhere()?.commands();
    let read = paths.iter().map(|path| (path, Record::read_thinned(path, MAX_SAMPLES)));
    if form == Form::Json {
        let all: Vec<_> = read.filter_map(|(path, record)| Some(as_json(&record.ok()?, path))).collect();
        print(&format!("{:#}\n", json!(all)));
        return Ok(0);
    }
    if paths.is_empty() {
        print("No command was recorded yet: `lab record -- COMMAND` records one.\n");
        return Ok(0);
    }
    let screen = Screen::detect();
    for (index, (_, record)) in read.enumerate() {
        let number = index as i64 - paths.len() as i64;
        match record {
            Ok(record) => {
                let metric = curve(&record);
                let peak = record.peak(metric.name).map_or("-".into(), |peak| amount(metric.unit, peak));
                let name = record.header.command.as_ref().and_then(|command| command.message.clone());
                let told = format!(
                    "{number:>4}  {}  {peak:>9}  {:>8}  {}: {}",
                    record.header.started,
                    seconds(record.duration()),
                    name.unwrap_or_else(|| record.header.title.clone()),
                    record.outcome(),
                );
                print(&format!("{}\n", cut(&told, &screen)));
            }
            Err(error) => print(&format!("{number:>4}  {error}\n")),
        }
    }
    Ok(0)
}

/// As much of a line as the screen has room for.
fn cut(line: &str, screen: &Screen) -> String {
    crate::chart::clean(line).chars().take(screen.width.into()).collect()
}
