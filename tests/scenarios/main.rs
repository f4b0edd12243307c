//! Runs every variant of every scenario once, at smoke size, in a bundle as in a workshop.
//!
//! Each claim on each variant is a test of its own, so the list of tests is the list of claims. What
//! is expected stands in scenario.toml, and nothing of it is said again here.

#[path = "../common/mod.rs"]
mod common;
mod container;
mod elsewhere;
mod peers;
mod signatures;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

use lab::model::outcome::Outcome;
use lab::model::record::Record;
use lab::model::verdict::{ENDS, WORK};
use lab::scenario::{Catalog, Ends, Kind, Scenario, Variant};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

use common::{Said, lab, said};

fn main() -> ExitCode {
    let catalog = Catalog::load(Path::new(REPOSITORY)).expect("every scenario.toml can be read");
    let workshop = Arc::new(Workshop::new());
    let lessons = catalog.scenarios().iter().map(|scenario| Lesson::new(scenario, &workshop));
    let lessons: Vec<Arc<Lesson>> = lessons.map(Arc::new).collect();
    let ours = lessons.iter().map(trials);
    let peers = catalog.scenarios().iter().map(|scenario| peers::trials(&catalog, scenario));
    let elsewhere = elsewhere::trials(catalog.scenarios());
    let mut trials = runs_first(ours.chain(peers));
    trials.extend(elsewhere);
    trials.push(signatures::trial(lessons));
    trials.push(container::trial(&workshop));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The trials of each run, the first one of all runs before the others: it is the one that runs, and the others of the
/// same run would only wait for it.
fn runs_first(runs: impl Iterator<Item = Vec<Trial>>) -> Vec<Trial> {
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for mut run in runs.filter(|run| !run.is_empty()) {
        others.extend(run.split_off(1));
        first.extend(run);
    }
    first.extend(others);
    first
}

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The tests of one scenario.
fn trials(lesson: &Arc<Lesson>) -> Vec<Trial> {
    let mut trials = vec![
        whole(lesson, "the_exit_code_tells_what_the_claims_came_to", exit_code),
        whole(lesson, "every_variant_makes_the_same_marks", marks),
        whole(lesson, "a_picture_is_written", picture),
        whole(lesson, "the_records_judged_again_give_the_same_verdicts", shown_again),
    ];
    let scenario = &lesson.scenario;
    for variant in &scenario.variants {
        // Where the learner has to say what is wrong, it may be that nothing is.
        let is_healthy = scenario.exercises.iter().any(|exercise| exercise.solution == variant.name);
        if matches!(variant.kind, Kind::Exercise | Kind::Mutant) && !is_healthy {
            let name = format!("{}::{}::a_claim_of_its_own_rejects_it", scenario.slug, variant.name);
            let (lesson, variant) = (Arc::clone(lesson), variant.clone());
            trials.push(Trial::ignorable_test(name, move || lesson.rejection(&variant)));
            continue;
        }
        for claim in claims_on(scenario, variant).into_iter().map(str::to_owned) {
            let name = format!("{}::{}::{claim}", scenario.slug, variant.name);
            let (lesson, variant) = (Arc::clone(lesson), variant.name.clone());
            trials.push(Trial::ignorable_test(name, move || lesson.verdict(&variant, &claim)));
        }
    }
    trials
}

/// A test of the run as a whole.
fn whole(lesson: &Arc<Lesson>, name: &str, test: fn(&Lesson)) -> Trial {
    let lesson = Arc::clone(lesson);
    Trial::ignorable_test(format!("{}::{name}", lesson.scenario.slug), move || match lesson.not_here() {
        Some(why) => Ok(Completion::ignored_with(why)),
        None => {
            test(&lesson);
            Ok(Completion::Completed)
        }
    })
}

fn exit_code(lesson: &Lesson) {
    let verdicts = lesson.verdicts();
    let any = |status: &str| verdicts.iter().any(|verdict| verdict["status"] == status);
    let code = match (any("fails"), any("unknown")) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    };
    assert_eq!(lesson.run().code, Some(code), "{}", lesson.run().stderr);
}

fn marks(lesson: &Lesson) {
    for variant in &lesson.scenario.variants {
        let path = lesson.folder().join(format!("{}.jsonl", variant.name));
        let record = Record::read(&path).expect("every variant has a whole record");
        if let Outcome::CouldNotStart(_) = record.outcome() {
            // This machine lacks what the variant needs; the tests of its claims are ignored and say so.
            continue;
        }
        let marks: Vec<String> = record.marks.iter().map(|mark| mark.name.clone()).collect();
        // A variant that is meant to die on its way has made the first of them.
        let expected = match variant.ends {
            Ends::Success => &lesson.scenario.marks[..],
            _ => &lesson.scenario.marks[..marks.len().min(lesson.scenario.marks.len())],
        };
        assert_eq!(marks, expected, "the marks of {}", variant.name);
    }
}

fn picture(lesson: &Lesson) {
    let svg =
        std::fs::read_to_string(lesson.folder().join("curve.svg")).expect("a picture is beside the records");
    let picture = roxmltree::Document::parse(&svg).expect("the picture is XML");
    assert_eq!(picture.root_element().tag_name().name(), "svg");
}

fn shown_again(lesson: &Lesson) {
    let shown = said(lab(lesson.workshop.folder.path(), &[], &["show", &lesson.scenario.slug, "--json"]));
    assert_eq!(shown.json()["verdicts"], lesson.run().json()["verdicts"]);
    assert_eq!(shown.code, lesson.run().code);
}

/// A scenario, and its run as soon as a test has asked for it.
struct Lesson {
    scenario: Scenario,
    workshop: Arc<Workshop>,
    run: OnceLock<Said>,
}

impl Lesson {
    fn new(scenario: &Scenario, workshop: &Arc<Workshop>) -> Self {
        Lesson { scenario: scenario.clone(), workshop: Arc::clone(workshop), run: OnceLock::new() }
    }

    fn run(&self) -> &Said {
        self.run.get_or_init(|| self.workshop.run(&self.scenario))
    }

    /// Why this machine can't run the scenario at all.
    fn not_here(&self) -> Option<&str> {
        not_here(self.run())
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(self.run().json()["folder"].as_str().expect("the folder of the records"))
    }

    fn verdicts(&self) -> Vec<Value> {
        self.run().json()["verdicts"].as_array().expect("a list of verdicts").clone()
    }

    /// That a variant which does the work wrongly exits with 0, does the work, and fails a claim.
    fn rejection(&self, variant: &Variant) -> Result<Completion, Failed> {
        if let Some(why) = self.not_here() {
            return Ok(Completion::ignored_with(why));
        }
        let verdicts = self.verdicts();
        let own: Vec<&Value> =
            verdicts.iter().filter(|verdict| verdict["variant"] == *variant.name).collect();
        let is_general = |verdict: &&&Value| verdict["claim"] == ENDS || verdict["claim"] == WORK;
        if let Some(wrong) = own.iter().filter(is_general).find(|verdict| verdict["status"] == "fails") {
            return Err(format!("it is rejected for another reason: {wrong:#}").into());
        }
        if own.iter().any(|verdict| verdict["status"] == "fails") {
            return Ok(Completion::Completed);
        }
        match own.iter().find(|verdict| verdict["status"] == "unknown") {
            Some(unknown) => Ok(Completion::ignored_with(unknown["why"].as_str().unwrap_or_default())),
            None => Err("every claim holds, so nothing tells it from a fix".into()),
        }
    }

    /// The verdict on one claim, as the outcome of a test.
    fn verdict(&self, variant: &str, claim: &str) -> Result<Completion, Failed> {
        match self.not_here() {
            Some(why) => Ok(Completion::ignored_with(why)),
            None => of(&self.verdicts(), variant, claim),
        }
    }
}

/// Why a run was refused, if this machine can't show any of it.
fn not_here(said: &Said) -> Option<&str> {
    said.stderr.trim().strip_prefix("lab: UNKNOWN on this machine: ")
}

/// The verdict on one claim among these, as the outcome of a test.
fn of(verdicts: &[Value], variant: &str, claim: &str) -> Result<Completion, Failed> {
    let on = |claim: &str| {
        verdicts.iter().find(|verdict| verdict["claim"] == claim && verdict["variant"] == variant)
    };
    // Work is judged only of what exited with 0. Where it is unknown how a run ended, that is why.
    let unknown_end = || on(ENDS).filter(|verdict| verdict["status"] == "unknown");
    let verdict = on(claim).or_else(unknown_end).ok_or("there is no verdict on this claim")?;
    let text = |key: &str| verdict[key].as_str().unwrap_or_default();
    match text("status") {
        "holds" => Ok(Completion::Completed),
        "unknown" => Ok(Completion::ignored_with(text("why"))),
        _ => {
            let lines = [text("says"), text("measured_text"), text("bound_text"), text("hint")];
            Err(lines.join("\n").into())
        }
    }
}

/// The claims on a variant of a scenario.
fn claims_on<'a>(scenario: &'a Scenario, variant: &Variant) -> Vec<&'a str> {
    let mut claims = vec![ENDS];
    // What a variant has done is compared only if it is meant to end well.
    claims.extend((variant.ends == Ends::Success).then_some(WORK));
    let bounded = scenario.claims.iter().filter(|claim| claim.bounds.contains_key(&variant.name));
    claims.extend(bounded.map(|claim| claim.id.as_str()));
    claims
}

/// Makes a bundle of all scenarios in a folder.
fn bundle(folder: &Path) {
    let mut bundle = Command::new(env!("CARGO_BIN_EXE_lab"));
    bundle.arg("bundle").arg(folder).current_dir(REPOSITORY);
    let said = said(bundle);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

/// A bundle of all scenarios, which goes when the tests are over.
struct Workshop {
    folder: TempDir,
    made: OnceLock<()>,
}

impl Workshop {
    fn new() -> Self {
        Workshop { folder: tempfile::tempdir().expect("a temporary folder"), made: OnceLock::new() }
    }

    /// The bundle, made when it's asked for first.
    fn made(&self) -> &Path {
        self.made.get_or_init(|| bundle(self.folder.path()));
        self.folder.path()
    }

    fn run(&self, scenario: &Scenario) -> Said {
        let mut args = vec!["run", &scenario.slug, "--size", "smoke", "--json"];
        args.extend(scenario.variants.iter().map(|variant| variant.name.as_str()));
        said(lab(self.made(), &[], &args))
    }
}
