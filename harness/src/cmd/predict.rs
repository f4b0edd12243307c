//! `lab predict`: asks first, runs then, and draws the guess on the curve.

use std::io::IsTerminal;

use anyhow::{Result, bail};

use super::input::{Input, line};
use super::{Done, INTERRUPTED, Lab, interrupted, not_here};
use crate::learn::command;
use crate::learn::guess::{Guess, asked_in, describe};
use crate::learn::predict::{answer, choices, filled, variants};
use crate::learn::progress::Progress;
use crate::model::record::Record;
use crate::report::live::View;
use crate::report::run::{figure_of, shown_figure};
use crate::scenario::{Kind, Question, Scenario};
use crate::screen::{Screen, print};
use crate::workbench::plan::{Refusal, Request};

/// Asks the questions of a scenario, and answers them by a run.
pub(crate) fn predict(name: &str, size: &str, view: View) -> Result<u8> {
    let lab = Lab::open()?;
    let scenario = lab.catalog.find(name)?;
    if scenario.questions.is_empty() {
        bail!("{} asks nothing: run it with {}", scenario.slug, command(&format!("run {}", scenario.number)));
    }
    let screen = Screen::detect();
    let request = request(scenario, size);
    let plan = match lab.plan(scenario, &request) {
        Ok(plan) => plan,
        Err(Refusal::NotHere(why)) => return Ok(not_here(why)),
        Err(Refusal::BadRequest(why)) => bail!(why),
    };
    print(&format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title))));
    print(&screen.wrapped("", "Guess before you look. An empty line passes a question over."));
    let mut guesses = Vec::new();
    for question in &scenario.questions {
        print(&format!("\n{}", screen.wrapped("", &filled(&question.asks, &plan.sizes))));
        match ask(&lab, scenario, question)? {
            Asked::Answer(guess) => guesses.push(guess),
            Asked::Stopped => return Ok(INTERRUPTED),
        }
    }
    print("\n");
    let view = if screen.moves { view } else { View::Lines };
    let records = match lab.run(scenario, &request, screen, view)? {
        Done::Ran(records, _) => records,
        Done::NotHere(why) => return Ok(not_here(why)),
        Done::Interrupted(folder) => return Ok(interrupted(folder)),
    };
    pictures(scenario, &guesses, &records, &screen);
    answers(&lab, scenario, &guesses, &records, &screen)?;
    print(&format!("All ways out:  {}\n", command(&format!("run {}", scenario.number))));
    Ok(0)
}

/// The variants that the questions are about, with one that is broken and one that is fixed.
fn request(scenario: &Scenario, size: &str) -> Request {
    let first = |kind: Kind| scenario.variants.iter().find(|variant| variant.kind == kind);
    let sides = [Kind::Broken, Kind::Fixed].into_iter().filter_map(first).map(|variant| &variant.name);
    let asked = scenario.questions.iter().flat_map(variants);
    Request {
        variants: sides.chain(asked).cloned().collect(),
        size: size.to_owned(),
        set: Vec::new(),
        seed: None,
    }
}

/// What came of a question.
enum Asked {
    /// A guess, or none.
    Answer(Option<Guess>),
    /// The user wants to stop.
    Stopped,
}

/// Asks until there is an answer, or none is wanted.
fn ask(lab: &Lab, scenario: &Scenario, question: &Question) -> Result<Asked> {
    for (place, (_, words)) in (1..).zip(choices(question, scenario)) {
        print(&format!("  {place}  {words}\n"));
    }
    loop {
        print(&format!("Your guess ({}): ", asked_in(question)));
        let typed = line(lab)?;
        // What a terminal does by itself: the answer ends the line of the question.
        if !std::io::stdin().is_terminal() {
            print("\n");
        }
        match typed {
            Input::Stopped => return Ok(Asked::Stopped),
            Input::End => return Ok(Asked::Answer(None)),
            Input::Line(typed) if typed.trim().is_empty() => return Ok(Asked::Answer(None)),
            Input::Line(typed) => match Guess::read(&typed, question, scenario) {
                Ok(guess) => return Ok(Asked::Answer(Some(guess))),
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
    lab: &Lab,
    scenario: &Scenario,
    guesses: &[Option<Guess>],
    records: &[Record],
    screen: &Screen,
) -> Result<()> {
    let mut progress = Progress::open(&lab.root)?;
    for (question, guess) in scenario.questions.iter().zip(guesses) {
        let words = match answer(question, records) {
            Ok(right) => {
                print(&screen.wrapped("", &right.asks));
                describe(guess.as_ref(), &right)
            }
            Err(why) => format!("This run can not tell: {why}."),
        };
        print(&format!("{}\n", screen.wrapped("  ", &words)));
        if let Some(guess) = guess {
            progress.guess(&scenario.slug, &question.id, guess)?;
        }
    }
    Ok(())
}
