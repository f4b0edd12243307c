//! `lab check`: builds the learner's program, runs it next to broken and fixed, and judges it.

use anyhow::{Context, Result, bail};

use super::args::{ExerciseArgs, TryArgs};
use crate::chart::clean;
use crate::judge::stopped;
use crate::learn::costs::costs;
use crate::learn::diagnosis::{choices, possible, verdict};
use crate::learn::grade::{grade, variants};
use crate::learn::progress::Progress;
use crate::learn::workspace::Workspace;
use crate::learn::{command, short};
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::verdict::{Status, overall};
use crate::report::diagnosis::{finds, solution};
use crate::report::run::{claims, figure_of, shown_figure, table};
use crate::scenario::{Kind, Variant};
use crate::screen::{Screen, print};
use crate::store;
use crate::workbench::program::{LearnerBuild, Start};
use crate::workbench::{Ran, Request, Workbench};

/// Build your program of an exercise, run it next to broken and fixed, and judge it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
    /// Name what is seen in the program, harmless or not, if an exercise asks for that
    #[arg(long, value_name = "NAME")]
    answer: Option<String>,
    #[command(flatten)]
    how: TryArgs,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let workspace = self.which.workspace(&workbench.root, &workbench.catalog)?;
        if let Some(word) = &self.answer {
            possible(&workspace, word)?;
        }
        check(&workbench, &workspace, self.answer.as_deref(), &self.how)
    }
}

/// Builds, runs and judges an exercise once; returns the exit code.
pub(super) fn check(
    workbench: &Workbench,
    workspace: &Workspace<'_>,
    answer: Option<&str>,
    how: &TryArgs,
) -> Result<u8> {
    let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
    let words = workspace.words();
    if !workspace.file.is_file() {
        bail!(
            "{} is not there: {} puts it there",
            short(&workspace.file).display(),
            command(&format!("exercise {words}"))
        );
    }
    let LearnerBuild::Built(program) = workbench.build_exercise(workspace)? else {
        Progress::open(&workbench.root)?.check(slug, exercise, None)?;
        print(&format!(
            "It does not compile yet: the compiler has said why.\nCheck:  {}\n",
            command(&format!("check {words}"))
        ));
        return Ok(Status::Fails.exit_code());
    };
    let screen = Screen::detect();
    let start = |_: &Variant| Start::from(program.as_path());
    let Ran { records, folder } = workbench.run(&Request {
        variants: variants(workspace),
        start: Some(&start),
        view: how.live.learners_view(&screen),
        ..Request::new(workspace.scenario, &how.size)
    })?;
    let mine = records.iter().find(|record| record.header.variant == *exercise);
    let verdicts = match (&workspace.exercise.diagnosis, answer) {
        (None, _) => grade(workspace, &records),
        // The claims would give the answer away, so they are shown only after the right one.
        (Some(diagnosis), Some(word)) => {
            let verdict = verdict(workspace, diagnosis, word);
            let claims =
                if verdict.status == Status::Holds { grade(workspace, &records) } else { Vec::new() };
            claims.into_iter().chain([verdict]).collect()
        }
        (Some(diagnosis), None) => {
            print(&curves(workspace, &records, &screen));
            // There is nothing to look at.
            if let Some(why) = mine.and_then(|mine| stopped(&mine.outcome())) {
                print(&format!("\n{}", screen.wrapped("", &format!("{exercise}: {why}."))));
                let status = Status::Unknown(why);
                print(&next(workspace, &status, &screen));
                return Ok(status.exit_code());
            }
            print(&format!("\n{}", choices(workspace, diagnosis, &screen)));
            return Ok(Status::Fails.exit_code());
        }
    };
    let status = overall(&verdicts);
    let passed = status == Status::Holds;
    if passed {
        // Kept next to the program: the records of runs are deleted when the workbook is cleaned.
        let record = workspace.file.with_extension("jsonl");
        std::fs::copy(folder.join(format!("{exercise}.jsonl")), &record)
            .with_context(|| record.display().to_string())?;
    }
    let now = humantime::format_rfc3339_seconds(store::now()).to_string();
    Progress::open(&workbench.root)?.check(slug, exercise, passed.then_some(now))?;
    let said = mine.map(output).unwrap_or_default();
    print(&format!("{}\n{said}{}\n", curves(workspace, &records, &screen), claims(&verdicts, &screen)));
    // What takes a person to see is not explained by what a program doesn't see.
    if let (true, Some(diagnosis), Some(mine)) = (passed, &workspace.exercise.diagnosis, mine)
        && finds(mine, diagnosis.answer)
    {
        print(&format!("{}\n", solution(mine, &screen)));
    }
    print(&next(workspace, &status, &screen));
    Ok(status.exit_code())
}

/// So much is shown of what the learner's program has printed.
const LINES: usize = 12;

/// The end of what the learner's program has printed, marked as the program's: what it traces, and its panics.
fn output(mine: &Record) -> String {
    let printed = mine.trailer.as_ref().map(|trailer| trailer.output.trim_end()).unwrap_or_default();
    let lines: Vec<&str> = printed.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES)..];
    let heading = match (lines.len(), shown.len()) {
        (0, _) => return String::new(),
        (all, shown) if all == shown => "Your program printed:".to_owned(),
        (all, shown) => format!("Your program printed {all} lines, at the end these {shown}:"),
    };
    let shown: String = shown.iter().map(|line| format!("  | {}\n", clean(line))).collect();
    format!("{heading}\n{shown}\n")
}

/// The learner's curves between broken and fixed, and the table of the three.
fn curves(workspace: &Workspace<'_>, records: &[Record], screen: &Screen) -> String {
    // What a claim compares with may be the solution, which nobody wants to see yet.
    let kinds = [Kind::Broken, Kind::Exercise, Kind::Fixed];
    let of = |kind: Kind| {
        let is_one = move |record: &&Record| {
            workspace.scenario.variant(&record.header.variant).is_ok_and(|variant| variant.kind == kind)
        };
        records.iter().filter(is_one).cloned()
    };
    let records: Vec<Record> = kinds.into_iter().flat_map(of).collect();
    let more = workspace.exercise.diagnosis.iter().flat_map(|diagnosis| &diagnosis.shows);
    let metrics = [&workspace.scenario.curve].into_iter().chain(more);
    let picture = |metric: &&Metric| shown_figure(&figure_of(workspace.scenario, metric, &records), screen);
    let pictures: String = metrics.map(|metric| picture(metric) + "\n").collect();
    pictures + &table(workspace.scenario.curve, &records, screen)
}

/// What came of it, and what to do next.
fn next(workspace: &Workspace<'_>, status: &Status, screen: &Screen) -> String {
    let words = workspace.words();
    match status {
        Status::Holds => solved(workspace, screen),
        Status::Fails => {
            format!("{} The next hint:  {}\n", screen.red("Not yet."), command(&format!("hint {words}")))
        }
        Status::Unknown(_) => format!(
            "{} This machine couldn't show it. What it lacks:  {}\n",
            screen.yellow("Unknown."),
            command("doctor")
        ),
    }
}

/// Why it is solved, and what other ways there are.
fn solved(workspace: &Workspace<'_>, screen: &Screen) -> String {
    let scenario = workspace.scenario;
    let mut text = format!("{}\n", screen.green("Passed."));
    text.push_str(&screen.wrapped("", &workspace.exercise.why));
    let chapter = scenario.folder.join(&scenario.chapter);
    let costs = costs(scenario);
    if !costs.is_empty() {
        text.push_str("\nWhat the ways out of this chapter cost:\n");
    }
    for (variant, cost) in costs {
        text.push_str(&screen.wrapped("  ", &format!("{variant}: {cost}")));
    }
    text.push_str(&format!("\nRead:      {}\n", short(&chapter).display()));
    text.push_str(&format!("Measure:   {}\n", command(&format!("run {}", scenario.number))));
    text.push_str(&format!(
        "Solution:  {}\n",
        short(&scenario.source(&workspace.exercise.solution)).display()
    ));
    text.push_str(&format!("Done:      {}\n", command("progress")));
    text
}
