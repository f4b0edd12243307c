//! How faithful the pool is: the same questions to joblib and to it, and their answers compared.
//!
//! `behaviours.toml` has the behaviours, `faithful.py` joblib's answers. Each of joblib's back ends that
//! use processes must answer as we do, but for what the table says may differ, and why.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Completion, Failed, Trial};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;

use crate::ours;

/// The answers to the questions on one behaviour, by question.
pub(crate) type Answers = BTreeMap<String, Value>;

/// All answers of a side, by the number of the behaviour.
type Answered = BTreeMap<usize, Answers>;

/// The back ends of joblib that use processes.
const BACKENDS: [&str; 2] = ["loky", "multiprocessing"];

const TABLE: &str = include_str!("behaviours.toml");

#[derive(Deserialize)]
struct Table {
    behaviour: Vec<Behaviour>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    says: String,
    test: String,
    here: Vec<String>,
    #[serde(default)]
    differs: BTreeMap<String, String>,
    not_asked: Option<String>,
}

/// What a behaviour came to, as the book has it.
#[derive(Serialize)]
struct Row {
    number: usize,
    says: String,
    test: String,
    not_asked: Option<String>,
    questions: Vec<Question>,
}

/// One question, and everybody's answer.
#[derive(Serialize)]
struct Question {
    asks: String,
    ours: Value,
    theirs: BTreeMap<&'static str, Value>,
    /// Why the answers may differ.
    may_differ: Option<String>,
}

/// joblib's answers by back end and number, asked for once; or why there are none.
static THEIRS: LazyLock<Result<BTreeMap<&'static str, Answered>, String>> = LazyLock::new(theirs);

/// A trial for each behaviour that can be asked for, and one for the table itself.
pub(crate) fn trials(tests: &[Trial]) -> Vec<Trial> {
    let names: HashSet<String> = tests.iter().map(|test| test.name().to_owned()).collect();
    let table: Arc<Table> = Arc::new(table());
    let own = Arc::clone(&table);
    let named = Trial::test("the_tests_that_the_table_names_are_there", move || named(&own, &names));
    let asked = (1..).zip(&table.behaviour).filter(|(_, behaviour)| behaviour.not_asked.is_none());
    let asked = asked.map(|(number, behaviour)| {
        let (table, name) =
            (Arc::clone(&table), format!("joblib_and_labpool_agree_that_{}", joined(&behaviour.says)));
        Trial::ignorable_test(name, move || agree(number, &table.behaviour[number - 1]))
    });
    std::iter::once(named).chain(asked).collect()
}

/// Asks everything, says how much is the same, and keeps the answers for the book.
pub(crate) fn reference() -> ExitCode {
    let rows: Result<Vec<Row>, String> =
        (1..).zip(table().behaviour).map(|(number, behaviour)| row(number, &behaviour)).collect();
    let rows = match rows {
        Ok(rows) => rows,
        Err(why) => {
            eprintln!("joblib can't be asked: {why}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", summary(&rows));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/behaviours.json");
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the repository can be written");
    let text = serde_json::to_string_pretty(&rows).expect("answers are JSON");
    fs::write(&path, text + "\n").expect("the repository can be written");
    ExitCode::SUCCESS
}

fn table() -> Table {
    toml::from_str(TABLE).unwrap_or_else(|error| panic!("behaviours.toml: {error}"))
}

fn joined(says: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    says.replace(['/', ','], "").chars().map(word).collect()
}

/// Every test that the table names is one of `tests`, or in key.rs.
fn named(table: &Table, tests: &HashSet<String>) -> Result<(), Failed> {
    let units = include_str!("../../src/key.rs");
    let there = |name: &&String| tests.contains(*name) || units.contains(&format!("fn {name}()"));
    match table.behaviour.iter().flat_map(|behaviour| &behaviour.here).find(|name| !there(name)) {
        Some(name) => Err(format!("behaviours.toml names a test '{name}', and there is none").into()),
        None => Ok(()),
    }
}

fn agree(number: usize, behaviour: &Behaviour) -> Result<Completion, Failed> {
    let row = match row(number, behaviour) {
        Ok(row) => row,
        Err(why) => return Ok(Completion::ignored_with(format!("joblib can't be asked: {why}"))),
    };
    let asked: HashSet<&String> = row.questions.iter().map(|question| &question.asks).collect();
    if let Some(unknown) = behaviour.differs.keys().find(|asks| !asked.contains(asks)) {
        return Err(
            format!("behaviours.toml says why answers to '{unknown}' differ, and nobody asks that").into()
        );
    }
    let wrong = row.questions.iter().filter(|question| !question.same() && question.may_differ.is_none());
    let wrong: Vec<String> = wrong
        .map(|question| format!("{}: ours {}, joblib's {:?}", question.asks, question.ours, question.theirs))
        .collect();
    match wrong.is_empty() {
        true => Ok(Completion::Completed),
        false => Err(format!("{} (joblib's {}): {}", row.says, row.test, wrong.join("; ")).into()),
    }
}

/// Asks both on one behaviour.
fn row(number: usize, behaviour: &Behaviour) -> Result<Row, String> {
    let theirs = THEIRS.as_ref().map_err(String::clone)?;
    let mut questions = Vec::new();
    if behaviour.not_asked.is_none() {
        for (asks, ours) in ours::answers(number) {
            let answer = |backend: &'static str| {
                let answer = theirs[backend].get(&number).and_then(|answers| answers.get(&asks));
                (backend, answer.cloned().unwrap_or(Value::Null))
            };
            let may_differ = behaviour.differs.get(&asks).cloned();
            questions.push(Question { ours, theirs: BACKENDS.map(answer).into(), may_differ, asks });
        }
    }
    let Behaviour { says, test, not_asked, .. } = behaviour;
    Ok(Row { number, says: says.clone(), test: test.clone(), not_asked: not_asked.clone(), questions })
}

impl Question {
    fn same(&self) -> bool {
        self.theirs.values().all(|theirs| *theirs == self.ours)
    }
}

/// How faithful the pool is, in one line.
fn summary(rows: &[Row]) -> String {
    let asked: Vec<&Row> = rows.iter().filter(|row| row.not_asked.is_none()).collect();
    let same = asked.iter().filter(|row| row.questions.iter().all(Question::same)).count();
    let questions = || asked.iter().flat_map(|row| &row.questions);
    format!(
        "{same} of {} behaviours are joblib's in every answer ({} of {} answers); {} of {} can't be asked of both",
        asked.len(),
        questions().filter(|question| question.same()).count(),
        questions().count(),
        rows.len() - asked.len(),
        rows.len(),
    )
}

fn theirs() -> Result<BTreeMap<&'static str, Answered>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let store = lab::store::Store::open(&root).map_err(|error| format!("{error:#}"))?;
    let requirements = root.join("scenarios/slice-dup/peer/requirements.txt");
    let environment = lab::peer::make(&store.environments(), &requirements, |what| eprintln!("{what} ..."));
    let python = environment.map_err(|why| why.to_string())?.python;
    // Both at once: each mostly waits for its workers.
    let (python, folders) = (&python, BACKENDS.map(|_| TempDir::new().expect("a folder can be made")));
    std::thread::scope(|scope| {
        let asked: Vec<_> = BACKENDS
            .iter()
            .zip(&folders)
            .map(|(backend, folder)| (*backend, scope.spawn(move || ask(python, backend, folder.path()))))
            .collect();
        asked
            .into_iter()
            .map(|(backend, answers)| Ok((backend, answers.join().expect("it does not panic")?)))
            .collect()
    })
}

/// All answers of one back end.
fn ask(python: &PathBuf, backend: &str, folder: &Path) -> Result<Answered, String> {
    let output = Command::new("timeout")
        .args(["--kill-after=10", "120"])
        .arg(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pool/faithful.py"))
        .args([backend.as_ref(), folder.as_os_str()])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("{backend}: {error}; {}", said.lines().last().unwrap_or_default())
    })
}
