//! `lab predict`: asks first, runs then, and draws the guess on the curve.

use std::cell::LazyCell;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Result, bail};

use super::args::TryArgs;
use crate::learn::command;
use crate::learn::guess::{Guess, asked_in, describe};
use crate::learn::predict::{answer, choices, filled, variants};
use crate::learn::progress::Progress;
use crate::model::record::Record;
use crate::report::run::{figure_of, shown_figure};
use crate::scenario::{Kind, Question, Scenario};
use crate::screen::{Screen, print};
use crate::store;
use crate::workbench::{Request, Workbench};

/// Ask what you expect of a scenario, run it, and draw your guess on the curve
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario: its name, or its number
    scenario: String,
    #[command(flatten)]
    how: TryArgs,
}

impl Args {
    /// Asks the questions of a scenario, and answers them by a run.
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let scenario = workbench.catalog.find(&self.scenario)?;
        if scenario.questions.is_empty() {
            let run = command(&format!("run {}", scenario.number));
            bail!("{} asks nothing: run it with {run}", scenario.slug);
        }
        let screen = Screen::detect();
        let request = Request {
            variants: variants_asked(scenario),
            view: self.how.live.view(&screen),
            ..Request::new(scenario, &self.how.size)
        };
        let plan = workbench.plan(&request)?;
        print(&format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title))));
        print(&screen.wrapped("", "Guess before you look. An empty line passes a question over."));
        let mut guesses = Vec::new();
        for question in &scenario.questions {
            print(&format!("\n{}", screen.wrapped("", &filled(&question.asks, &plan.sizes))));
            guesses.push(ask(&workbench, scenario, question)?);
        }
        print("\n");
        let records = workbench.run(&request)?.records;
        pictures(scenario, &guesses, &records, &screen);
        answers(&workbench.root, scenario, &guesses, &records, &screen)?;
        print(&format!("All ways out:  {}\n", command(&format!("run {}", scenario.number))));
        Ok(0)
    }
}

/// The variants that the questions are about, with one that is broken and one that is fixed.
fn variants_asked(scenario: &Scenario) -> Vec<String> {
    let first = |kind: Kind| scenario.variants.iter().find(|variant| variant.kind == kind);
    let sides = [Kind::Broken, Kind::Fixed].into_iter().filter_map(first).map(|variant| &variant.name);
    sides.chain(scenario.questions.iter().flat_map(variants)).cloned().collect()
}

/// Asks until there is a guess, or none is wanted.
fn ask(workbench: &Workbench, scenario: &Scenario, question: &Question) -> Result<Option<Guess>> {
    for (place, (_, words)) in (1..).zip(choices(question, scenario)) {
        print(&format!("  {place}  {words}\n"));
    }
    loop {
        print(&format!("Your guess ({}): ", asked_in(question)));
        let typed = workbench.line()?;
        // What a terminal does by itself: the answer ends the line of the question.
        if !std::io::stdin().is_terminal() {
            print("\n");
        }
        match typed.filter(|typed| !typed.trim().is_empty()) {
            None => return Ok(None),
            Some(typed) => match Guess::read(&typed, question, scenario) {
                Ok(guess) => return Ok(Some(guess)),
                Err(why) => print(&format!("{why}\n")),
            },
        }
    }
}

/// The figures that the questions name, each with the guesses that belong to it.
fn pictures(scenario: &Scenario, guesses: &[Option<Guess>], records: &[Record], screen: &Screen) {
    for drawing in &scenario.figures {
        let asked = scenario.questions.iter().zip(guesses);
        let mut asked =
            asked.filter(|(question, _)| question.figure.as_ref() == Some(&drawing.id)).peekable();
        if asked.peek().is_none() {
            continue;
        }
        let of = records.iter().filter(|record| drawing.variants.contains(&record.header.variant));
        let of: Vec<Record> = of.cloned().collect();
        let mut figure = figure_of(scenario, drawing.metrics[0], &of);
        let levels = asked.filter_map(|(question, guess)| guess.as_ref()?.level(question, figure.unit));
        figure.levels.extend(levels.collect::<Vec<_>>());
        print(&(shown_figure(&figure, screen) + "\n"));
    }
}

/// Every question with its answer; the first guess at each is kept.
fn answers(
    root: &Path,
    scenario: &Scenario,
    guesses: &[Option<Guess>],
    records: &[Record],
    screen: &Screen,
) -> Result<()> {
    let mut progress = Progress::open(root)?;
    // Read only if they're needed: what this run can't show, the recorded one may.
    let recorded = LazyCell::new(|| store::records(&scenario.results()).map(|(_, records)| records));
    for (question, guess) in scenario.questions.iter().zip(guesses) {
        match answer(question, records) {
            Ok(right) => {
                print(&screen.wrapped("", &right.asks));
                print(&screen.wrapped("  ", &describe(guess.as_ref(), &right)));
            }
            Err(why) => {
                let right = recorded.as_ref().ok().and_then(|records| answer(question, records).ok());
                // Its sizes may be others than those that were asked about.
                let sizes = records.first().map(|record| record.header.sizes.clone()).unwrap_or_default();
                let asks =
                    right.as_ref().map_or_else(|| filled(&question.asks, &sizes), |right| right.asks.clone());
                print(&screen.wrapped("", &asks));
                print(&screen.wrapped("  ", &format!("This run can't show it: {why}.")));
                if let Some(right) = right {
                    let words = format!("The recorded run does. {}", describe(None, &right));
                    print(&screen.wrapped("  ", &words));
                }
            }
        }
        print("\n");
        if let Some(guess) = guess {
            progress.guess(&scenario.slug, &question.id, guess)?;
        }
    }
    Ok(())
}
