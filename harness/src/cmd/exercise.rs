//! `lab exercise`: puts the learner's file there, and says what is asked.

use anyhow::Result;

use crate::learn::desk::{Desk, Laid};
use crate::learn::diagnosis::choices;
use crate::learn::{command, short};
use crate::scenario::Catalog;
use crate::screen::{Screen, print};
use crate::store;

/// Puts the file of an exercise into the learner's folder, where there is none.
pub(crate) fn exercise(name: &str, exercise: Option<&str>) -> Result<u8> {
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let desk = Desk::find(&root, catalog.find(name)?, exercise)?;
    let laid = desk.lay()?;
    print(&told(&desk, laid, &Screen::detect()));
    Ok(0)
}

fn told(desk: &Desk<'_>, laid: Laid, screen: &Screen) -> String {
    let Desk { scenario, exercise, file } = desk;
    let words = desk.words();
    let mut text = format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
    text.push_str(&screen.wrapped("", &exercise.asks));
    text.push('\n');
    text.push_str(&format!("Open:   {}\n", short(file).display()));
    text.push_str(&format!("Time:   about {} minutes\n", exercise.minutes));
    text.push_str(&format!("Check:  {}\n", command(&format!("check {words}"))));
    text.push_str(&format!("Stuck:  {}\n", command(&format!("hint {words}"))));
    if let Some(diagnosis) = &exercise.diagnosis {
        text.push_str(&format!("\n{}", choices(desk, diagnosis, screen)));
    }
    if laid == Laid::Before {
        let kept = format!(
            "The file was there already and stays as it is. To begin anew: {}",
            command(&format!("reset {words}"))
        );
        text.push('\n');
        text.push_str(&screen.wrapped("", &kept));
    }
    text
}
