//! `lab check`: builds the learner's program, runs it next to broken and fixed, and judges it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::args::{ExerciseArgs, TryArgs};
use super::instead::instead;
use crate::chart::clean;
use crate::judge::{recognised, stopped};
use crate::learn::basis::changed;
use crate::learn::costs::costs;
use crate::learn::diagnosis::{choices, possible, verdict};
use crate::learn::digest::sha256;
use crate::learn::grade::{FACTS, grade, sides};
use crate::learn::progress::{Kept, Progress};
use crate::learn::workspace::Workspace;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict, WORK, overall};
use crate::name::{command, short};
use crate::reference;
use crate::report::diagnosis::{finds, solution};
use crate::report::run::{claims, figure_of, low_figure, open_claims, shown, table};
use crate::scenario::Kind;
use crate::screen::{Screen, print};
use crate::store;
use crate::workbench::program::LearnerBuild;
use crate::workbench::{Ran, Request, Workbench};

/// Build your program of an exercise, run it next to broken and fixed, and judge it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
    /// Name the failure that the program shows, harmless or not, if the exercise asks for it
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

/// Builds, runs and judges an exercise once, and prints the result; returns the exit code.
pub(super) fn check(
    workbench: &Workbench,
    workspace: &Workspace<'_>,
    answer: Option<&str>,
    how: &TryArgs,
) -> Result<u8> {
    let checked = checked(workbench, workspace, answer, how)?;
    print(&checked.whole(&Screen::detect()));
    Ok(checked.code)
}

/// The result of a check, in the parts that are shown.
pub(super) struct Checked<'a> {
    workspace: &'a Workspace<'a>,
    /// The runs; nothing if there was nothing to run.
    records: Vec<Record>,
    verdicts: Vec<Verdict>,
    /// The end: what it means, and what to do next.
    end: String,
    /// The same for a small screen, if there is less to be said.
    brief: Option<String>,
    /// The exit code.
    code: u8,
}

/// Builds, runs and judges an exercise once.
pub(super) fn checked<'a>(
    workbench: &Workbench,
    workspace: &'a Workspace<'a>,
    answer: Option<&str>,
    how: &TryArgs,
) -> Result<Checked<'a>> {
    let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
    let words = workspace.words();
    if !workspace.file.is_file() {
        bail!(
            "{} isn't there: {} puts it there",
            short(&workspace.file).display(),
            command(&format!("exercise {words}"))
        );
    }
    // The source that was built passes, and the file may change while it runs.
    let source = fs::read(&workspace.file).with_context(|| short(&workspace.file).display().to_string())?;
    let refused = match workbench.build_exercise(workspace)? {
        LearnerBuild::Built(program) => Ok(program),
        LearnerBuild::Refused => Err("It doesn't compile yet: the compiler has said why.".to_owned()),
        LearnerBuild::Borrowed(file) => Err(format!(
            "Your program has {} compiled in, and what you hand in is one file. Write it out.",
            short(&file).display()
        )),
    };
    let program = match refused {
        Ok(program) => program,
        Err(why) => {
            Progress::open(&workbench.root)?.check(slug, exercise, None)?;
            let end = format!("{why}\nCheck:  {}\n", command(&format!("check {words}")));
            let code = Status::Fails.exit_code();
            let (records, verdicts) = Default::default();
            return Ok(Checked { workspace, records, verdicts, end, brief: None, code });
        }
    };
    let screen = Screen::detect();
    let request =
        Request { view: how.live.learners_view(&screen), ..Request::new(workspace.scenario, &how.size) };
    let Ran { records, folder } =
        workbench.run_exercise(workspace, &program, request).inspect_err(|error| {
            instead(error, workspace.scenario, &sides(workspace.scenario), &metrics(workspace), &screen);
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
            // There may be nothing to look at.
            let (end, code) = match mine.and_then(stopped) {
                Some(why) => {
                    let said = screen.wrapped("", &format!("{exercise}: {why}."));
                    let status = Status::Unknown(why);
                    (said + &next(workspace, &status, None, Costs::Shown, &screen), status.exit_code())
                }
                None => (choices(workspace, diagnosis, &screen), Status::Fails.exit_code()),
            };
            return Ok(Checked { workspace, records, verdicts: Vec::new(), end, brief: None, code });
        }
    };
    let status = overall(&verdicts);
    let passed = status == Status::Holds;
    let mut kept = None;
    if passed {
        kept = Some(keep(workspace, &folder.join(format!("{exercise}.jsonl")), &source, answer)?);
    }
    let now = humantime::format_rfc3339_seconds(store::now()).to_string();
    let mut progress = Progress::open(&workbench.root)?;
    progress.check(slug, exercise, passed.then_some(now))?;
    if let Some(kept) = kept {
        progress.keep(slug, exercise, &kept)?;
    }
    let mut end = String::new();
    // What takes a person to see isn't explained by what a program doesn't see.
    if let (true, Some(diagnosis), Some(mine)) = (passed, &workspace.exercise.diagnosis, mine)
        && finds(mine, diagnosis.answer)
    {
        end.push_str(&format!("{}\n", solution(mine, &screen)));
    }
    let basis = basis(workbench, workspace, &screen);
    let did = did(workspace, &status, &verdicts, &records);
    let brief = Some(format!("{basis}{}", next(workspace, &status, did, Costs::LeftOut, &screen)));
    end.push_str(&basis);
    end.push_str(&next(workspace, &status, did, Costs::Shown, &screen));
    Ok(Checked { workspace, records, verdicts, end, brief, code: status.exit_code() })
}

/// What the program does, as far as its run tells that it's another way than the solution, or a known mistake. The
/// numbers of a program that doesn't do its work, or that states its own facts, say nothing.
fn did<'a>(
    workspace: &Workspace<'a>,
    status: &Status,
    verdicts: &[Verdict],
    records: &[Record],
) -> Option<&'a str> {
    let Workspace { scenario, exercise, .. } = workspace;
    let traces = match status {
        Status::Holds => &exercise.ways,
        Status::Fails => &exercise.mistakes,
        Status::Unknown(_) => return None,
    };
    let is_void = |verdict: &Verdict| {
        [WORK, FACTS].contains(&verdict.claim.as_str()) && verdict.status == Status::Fails
    };
    if verdicts.iter().any(is_void) {
        return None;
    }
    recognised(traces, &exercise.name, scenario, records).map(|trace| trace.says.as_str())
}

/// What else has been changed that the verdict rests on, such as a bound.
fn basis(workbench: &Workbench, workspace: &Workspace<'_>, screen: &Screen) -> String {
    let files = changed(&workbench.root, workspace.scenario);
    if files.is_empty() {
        return String::new();
    }
    let files = files.join(", ");
    screen.wrapped(
        "",
        &format!(
            "This verdict rests on files that were changed here, so it holds in this workbook alone: {files}."
        ),
    ) + "\n"
}

/// Keeps a passed attempt next to the learner's file: the record, and the source as it was when it was built.
fn keep(workspace: &Workspace<'_>, record: &Path, source: &[u8], answer: Option<&str>) -> Result<Kept> {
    let record = fs::read(record).with_context(|| record.display().to_string())?;
    for (path, bytes) in [(workspace.kept_record(), &record[..]), (workspace.kept_source(), source)] {
        fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(Kept { source: sha256(source), record: sha256(&record), answer: answer.map(str::to_owned) })
}

/// So much is shown of what the learner's program has printed.
const LINES: usize = 12;

/// And so much if there is little room.
const FEW_LINES: usize = 4;

/// A picture lower than this shows nothing of a curve next to its legend.
const LOWEST: usize = 12;

/// A picture has no more lines than this.
const HIGHEST: usize = 20;

impl Checked<'_> {
    /// All of it.
    fn whole(&self, screen: &Screen) -> String {
        let Checked { workspace, records, verdicts, end, .. } = self;
        let mut text = String::new();
        if !records.is_empty() {
            text.push_str(&format!("{}\n", curves(workspace, records, screen)));
        }
        if !verdicts.is_empty() {
            text.push_str(&format!("{}{}\n", self.printed(LINES), claims(verdicts, screen)));
        }
        text + end
    }

    /// What of it has room on the screen above so many lines, the verdict last and whole. Before the verdict
    /// comes what the program printed, then the curves, and the table.
    pub(super) fn page(&self, below: usize, screen: &Screen) -> String {
        let Checked { workspace, records, verdicts, end, brief, .. } = self;
        let lines = |text: &str| text.lines().count();
        let height = usize::from(screen.height).saturating_sub(below);
        let with = |end: &String| match verdicts.is_empty() {
            true => end.clone(),
            false => format!("{}{}{end}", self.printed(FEW_LINES), open_claims(verdicts, screen)),
        };
        let mut verdict = with(end);
        if let Some(brief) = brief.as_ref().filter(|_| lines(&verdict) > height) {
            verdict = with(brief);
        }
        let room = height.saturating_sub(lines(&verdict));
        if records.is_empty() {
            return verdict;
        }
        let records = compared(workspace, records);
        let table = format!("{}\n", table(workspace.scenario.curve, &records, screen));
        let without = room.saturating_sub(lines(&table));
        let (height, table) = match (without >= LOWEST, room >= LOWEST, room >= lines(&table)) {
            (true, ..) => (without, table),
            (_, true, _) => (room, String::new()),
            (.., true) => (0, table),
            _ => (0, String::new()),
        };
        if height == 0 {
            return table + &verdict;
        }
        let figure = figure_of(workspace.scenario, workspace.scenario.curve, &records);
        let height = u16::try_from(height.min(HIGHEST)).unwrap_or_default();
        low_figure(&figure, height, screen) + &table + &verdict
    }

    /// The end of what the learner's program has printed.
    fn printed(&self, most: usize) -> String {
        let name = &self.workspace.exercise.name;
        let mine = self.records.iter().find(|record| record.header.variant == *name);
        mine.map(|mine| output(mine, most)).unwrap_or_default()
    }
}

/// The end of what the learner's program has printed, marked as the program's: what it traces, and its panics.
fn output(mine: &Record, most: usize) -> String {
    let printed = mine.trailer.as_ref().map(|trailer| trailer.output.trim_end()).unwrap_or_default();
    let lines: Vec<&str> = printed.lines().collect();
    let shown = &lines[lines.len().saturating_sub(most)..];
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
    let records = compared(workspace, records);
    let stand_ins = reference::in_place_of(workspace.scenario, &records);
    shown(workspace.scenario, &metrics(workspace), &records, &stand_ins, screen)
}

/// The metrics that an exercise is looked at by.
fn metrics(workspace: &Workspace<'_>) -> Vec<&'static Metric> {
    let more = workspace.exercise.diagnosis.iter().flat_map(|diagnosis| &diagnosis.shows).copied();
    [workspace.scenario.curve].into_iter().chain(more).collect()
}

/// The learner's record between broken and fixed.
fn compared(workspace: &Workspace<'_>, records: &[Record]) -> Vec<Record> {
    // What a claim compares with may be the solution, which nobody wants to see yet.
    let kinds = [Kind::Broken, Kind::Exercise, Kind::Fixed];
    let of = |kind: Kind| {
        let is_one = move |record: &&Record| {
            workspace.scenario.variant(&record.header.variant).is_ok_and(|variant| variant.kind == kind)
        };
        records.iter().filter(is_one).cloned()
    };
    kinds.into_iter().flat_map(of).collect()
}

/// Whether learners who have passed see the prices of the chapter's fixes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Costs {
    Shown,
    LeftOut,
}

/// The result, what the program does if that was recognised, and what to do next.
fn next(
    workspace: &Workspace<'_>,
    status: &Status,
    did: Option<&str>,
    with: Costs,
    screen: &Screen,
) -> String {
    let words = workspace.words();
    match status {
        Status::Holds => solved(workspace, did.unwrap_or(&workspace.exercise.why), with, screen),
        Status::Fails => {
            let did = did.map(|did| screen.wrapped("", did)).unwrap_or_default();
            let hint = command(&format!("hint {words}"));
            format!("{did}{} The next hint:  {hint}\n", screen.red("Not yet."))
        }
        Status::Unknown(_) => format!(
            "{} This machine couldn't show it. What it lacks:  {}\n",
            screen.yellow("Unknown."),
            command("doctor")
        ),
    }
}

/// Why it is solved, and what other ways there are.
fn solved(workspace: &Workspace<'_>, why: &str, with: Costs, screen: &Screen) -> String {
    let scenario = workspace.scenario;
    let mut text = format!("{}\n", screen.green("Passed."));
    text.push_str(&screen.wrapped("", why));
    let chapter = scenario.folder.join(&scenario.chapter);
    let costs = if with == Costs::Shown { costs(scenario) } else { Vec::new() };
    if !costs.is_empty() {
        text.push_str("\nThe costs of this chapter's fixes:\n");
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
