//! `lab predict`: asks first, then runs, and draws the guess on the curve.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Result, bail};

use super::args::TryArgs;
use crate::learn::guess::{Guess, asked_in, describe};
use crate::learn::predict::{answer, choices, filled, variants};
use crate::learn::progress::Progress;
use crate::model::record::Record;
use crate::name::command;
use crate::reference;
use crate::report::run::{INSTEAD, figure_of, shown_figure};
use crate::scenario::{Kind, Question, Scenario};
use crate::screen::{Screen, print};
use crate::workbench::{Plan, Request, Stop, Workbench};

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
            bail!("{} has no questions: run it with {run}", scenario.slug);
        }
        let screen = Screen::detect();
        let request = Request {
            variants: variants_asked(scenario),
            view: self.how.live.view(&screen),
            ..Request::new(scenario, &self.how.size)
        };
        let plan = workbench.plan(&request);
        let runs = Runs::planned(scenario, &plan);
        let (plan, why) = match plan {
            Err(why @ Stop::NotHere(_)) if runs.are_all_there(scenario) => (None, Some(why)),
            plan => (Some(plan?), None),
        };
        print(&format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title))));
        if let Some(why) = &why {
            print(&screen.wrapped("", &why.to_string()));
        }
        print(&screen.wrapped("", "Guess before you look. An empty line skips a question."));
        let mut asked = Vec::new();
        for question in &scenario.questions {
            let is_away = runs.is_away(question);
            let sizes = runs.sizes(question).or(plan.as_ref().map(|plan| &plan.sizes));
            let mut text = filled(&question.asks, sizes.expect("what isn't planned is there"));
            if is_away {
                text.push_str(&format!(" ({INSTEAD}.)"));
            }
            print(&format!("\n{}", screen.wrapped("", &text)));
            asked.push(Asked { question, guess: ask(&workbench, scenario, question)?, is_away });
        }
        print("\n");
        let here = match &plan {
            Some(_) => workbench.run(&request)?.records,
            None => Vec::new(),
        };
        let runs = Runs { here, ..runs };
        pictures(scenario, &asked, &runs, &screen);
        answers(&workbench.root, scenario, &asked, &runs, &screen)?;
        print(&format!("All ways out:  {}\n", command(&format!("run {}", scenario.number))));
        Ok(why.as_ref().map_or(0, Stop::exit_code))
    }
}

/// A question with the first guess at it, and whether a run of the reference machine has the answer.
struct Asked<'a> {
    question: &'a Question,
    guess: Option<Guess>,
    is_away: bool,
}

/// The runs that have the answers.
struct Runs {
    here: Vec<Record>,
    /// Those of the reference machine, if this one can't do all of them.
    away: Vec<Record>,
    /// The variants that this machine can't run.
    lacking: Vec<String>,
}

impl Runs {
    /// From the plan, before anything runs.
    fn planned(scenario: &Scenario, plan: &Result<Plan, Stop>) -> Self {
        let asked = variants_asked(scenario);
        let is_lacking = |plan: &Plan, name: &String| {
            plan.runs.iter().any(|run| run.variant.name == *name && run.lack.is_some())
        };
        let lacking = asked.iter().filter(|name| plan.as_ref().map_or(true, |plan| is_lacking(plan, name)));
        let lacking: Vec<String> = lacking.cloned().collect();
        let away = match lacking.is_empty() {
            true => Vec::new(),
            false => reference::stand_ins(scenario, asked.iter().map(String::as_str)),
        };
        Runs { here: Vec::new(), away, lacking }
    }

    /// The reference machine's run of a variant.
    fn of(&self, variant: &str) -> Option<&Record> {
        self.away.iter().find(|record| record.header.variant == variant)
    }

    /// Whether the reference machine's runs have the answer to a question, since this machine can't do all of them. Those
    /// of two machines aren't compared.
    fn is_away(&self, question: &Question) -> bool {
        let variants = variants(question);
        variants.iter().any(|name| self.lacking.contains(name))
            && variants.iter().all(|name| self.of(name).is_some())
    }

    fn are_all_there(&self, scenario: &Scenario) -> bool {
        scenario.questions.iter().all(|question| self.is_away(question))
    }

    /// The sizes that a question is asked at, if not those of this machine.
    fn sizes(&self, question: &Question) -> Option<&BTreeMap<String, u64>> {
        let first = self.is_away(question).then(|| variants(question).first()).flatten()?;
        Some(&self.of(first)?.header.sizes)
    }

    /// The runs on the machine that answers.
    fn on(&self, is_away: bool) -> &[Record] {
        if is_away { &self.away } else { &self.here }
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
fn pictures(scenario: &Scenario, asked: &[Asked<'_>], runs: &Runs, screen: &Screen) {
    for (drawing, is_away) in scenario.figures.iter().flat_map(|drawing| [(drawing, false), (drawing, true)])
    {
        let is_of = |asked: &&Asked<'_>| {
            asked.is_away == is_away && asked.question.figure.as_ref() == Some(&drawing.id)
        };
        let mut of_figure = asked.iter().filter(is_of).peekable();
        if of_figure.peek().is_none() {
            continue;
        }
        let of = runs.on(is_away).iter().filter(|record| drawing.variants.contains(&record.header.variant));
        let of: Vec<Record> = of.cloned().collect();
        let mut figure = figure_of(scenario, drawing.metrics[0], &of);
        let levels = of_figure.filter_map(|asked| asked.guess.as_ref()?.level(asked.question, figure.unit));
        figure.levels.extend(levels.collect::<Vec<_>>());
        print(&(shown_figure(&figure, screen) + "\n"));
    }
}

/// Every question with its answer; the first guess at each is kept.
fn answers(
    root: &Path,
    scenario: &Scenario,
    asked: &[Asked<'_>],
    runs: &Runs,
    screen: &Screen,
) -> Result<()> {
    let mut progress = Progress::open(root)?;
    for Asked { question, guess, is_away } in asked {
        let words = match answer(question, runs.on(*is_away)) {
            Ok(right) => {
                print(&screen.wrapped("", &right.asks));
                let from = if *is_away { format!(" ({INSTEAD}.)") } else { String::new() };
                describe(guess.as_ref(), &right) + &from
            }
            Err(why) => {
                let recorded = reference::stand_ins(scenario, variants(question).iter().map(String::as_str));
                let words = format!("This run can't show it: {why}.");
                match answer(question, &recorded) {
                    Ok(right) => {
                        print(&screen.wrapped("", &right.asks));
                        format!("{words} The recorded run does. {}", describe(None, &right))
                    }
                    Err(_) => words,
                }
            }
        };
        print(&format!("{}\n", screen.wrapped("  ", &words)));
        if let Some(guess) = guess {
            progress.guess(&scenario.slug, &question.id, guess)?;
        }
    }
    Ok(())
}
