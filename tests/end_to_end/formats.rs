//! What `lab` exports is read by the programs that it is meant for, and what we have for Python runs in Python.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lab::model::record::Record;
use libtest_mimic::Trial;
use serde_json::json;

use crate::bundle::Bundle;
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![a_summary_is_added_to_what_is_there, a_record_ends_with_its_diagnosis];
    trials.extend(trials_where_possible![
        a_trace_is_what_perfettos_schema_says,
        a_long_csv_is_what_pandas_reads,
        promtool_has_nothing_against_a_textfile,
        what_programs_read_fits_the_published_schemas,
        marks_survive_workers_and_a_channel_that_was_closed,
        a_test_fails_by_its_limit_with_and_without_xdist,
        a_cell_of_a_notebook_is_drawn_and_diagnosed,
    ]);
    trials
}

fn a_summary_is_added_to_what_is_there() {
    let bundle = Bundle::new();
    let path = bundle.path().join("summary.md");
    fs::write(&path, "what another step has said\n").expect("room for a file");
    let args =
        ["record", "-q", "--summary", "summary.md", "-m", "a | b", "--", "sh", "-c", "sleep 0.1; exit 3"];
    assert_eq!(bundle.lab(&args).code, Some(3));
    assert_eq!(bundle.lab(&["show", "-1", "--summary", "summary.md"]).code, Some(0));
    let text = fs::read_to_string(path).expect("it is there");
    let rest = text.strip_prefix("what another step has said\n").expect("it is still there");
    let parts: Vec<&str> = rest.split("### Memory of a \\| b: ").collect();
    assert!(parts.len() == 3 && parts[0].is_empty() && parts[1] == parts[2], "{text}");
    for part in ["**Diagnosis**: ", "| **Ended** | exited with 3, ", "at most ", "<details>"] {
        assert!(parts[1].contains(part), "{part}: {text}");
    }
}

/// Readers who have no rules, as the page of the book, show what the recorder wrote.
fn a_record_ends_with_its_diagnosis() {
    let bundle = Bundle::new();
    // The second process holds what it has read until the third one ends.
    let holds = "head -c 64M /dev/zero | tail -c 64M | sleep 0.5";
    for (name, words) in [("held.jsonl", &["sh", "-c", holds][..]), ("short.jsonl", &["true"])] {
        let said = bundle.lab(&[&["record", "-q", "-o", name, "--"], words].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = Record::read(&bundle.path().join(name)).expect("a whole record");
        let said = bundle.lab(&["diagnose", name, "--json"]);
        let now: serde_json::Value = serde_json::from_str(&said.stdout).expect("it is JSON");
        assert_eq!(record.trailer.and_then(|trailer| trailer.diagnosis), Some(now), "{name}");
    }
}

fn a_trace_is_what_perfettos_schema_says() -> Option<String> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return Some(why),
    };
    let bundle = recorded(&python);
    assert_eq!(bundle.lab(&["show", "r.jsonl", "--perfetto", "r.pftrace"]).code, Some(0));
    run(python_in(&bundle, &python).arg(script("check_trace.py")).args(["r.pftrace", "expected.json"]));
    None
}

fn a_long_csv_is_what_pandas_reads() -> Option<String> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return Some(why),
    };
    let bundle = recorded(&python);
    assert_eq!(bundle.lab(&["show", "r.jsonl", "--csv-long", "r.csv"]).code, Some(0));
    run(python_in(&bundle, &python).arg(script("check_long.py")).args(["r.csv", "expected.json"]));
    None
}

fn promtool_has_nothing_against_a_textfile() -> Option<String> {
    if Command::new("promtool").arg("--version").output().is_err() {
        return Some("promtool is missing: it is in Debian's package prometheus".into());
    }
    let bundle = Bundle::new();
    let words = ["record", "-q", "--prometheus", "r.prom", "-m", "a \"note\" \\ of\ntwo lines"];
    let words = [&words[..], &["--", "sh", "-c", "sleep 0.1; exit 3"]].concat();
    assert_eq!(bundle.lab(&words).code, Some(3));
    // It reports what doesn't parse, and what isn't named as it should be.
    run(Command::new("sh").args(["-c", "promtool check metrics < r.prom"]).current_dir(bundle.path()));
    let text = fs::read_to_string(bundle.path().join("r.prom")).expect("it was written");
    assert!(
        text.lines().any(|line| line.starts_with("whyoom_run_exit_status{") && line.ends_with("} 3")),
        "{text}"
    );
    None
}

fn what_programs_read_fits_the_published_schemas() -> Option<String> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return Some(why),
    };
    let bundle = recorded(&python);
    let limited = ["record", "-q", "-o", "limited.jsonl", "--timeout", "0.5s", "--", "sleep", "60"];
    assert_eq!(bundle.lab(&limited).code, Some(124));
    for (kind, words) in [("summary", "show"), ("diagnosis", "diagnose")] {
        for name in ["r.jsonl", "limited.jsonl"] {
            let said = bundle.lab(&[words, name, "--json"]);
            assert_eq!(said.code, Some(0), "{said:?}");
            fs::write(bundle.path().join(format!("{name}.{kind}")), said.stdout).expect("room for it");
        }
    }
    for (kind, suffix) in [("record", ""), ("summary", ".summary"), ("diagnosis", ".diagnosis")] {
        let files = ["r.jsonl", "limited.jsonl"].map(|name| format!("{name}{suffix}"));
        let mut command = python_in(&bundle, &python);
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/schema");
        run(command.arg(script("check_schema.py")).arg(schemas).arg(kind).args(files));
    }
    None
}

/// A program that marks its phases from its first process, and also calls `mark` in its workers. The lines at its
/// top are those of labkit, of the package, or of the book's page.
const PROGRAM: &str = "
import multiprocessing, os, sys
def work(n):
    mark('of a worker')
    return n * n
if __name__ == '__main__':
    mark('begin')
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(work, range(4)), flush=True)
    mark('end')
";

/// Starts the program as many do, with every descriptor closed, or with another socket in the channel's place.
const LAUNCHER: &str = "
import os, socket, subprocess, sys
words = [sys.executable, *sys.argv[2:]]
if sys.argv[1] == 'closed':
    sys.exit(subprocess.run(words).returncode)
number, other = int(os.environ['LAB_CHANNEL']), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
os.dup2(other.fileno(), number)
sys.exit(subprocess.run(words, pass_fds=[number]).returncode)
";

fn marks_survive_workers_and_a_channel_that_was_closed() -> Option<String> {
    if Command::new("python3").arg("--version").output().is_err() {
        return Some("python3 is missing".into());
    }
    let bundle = Bundle::new();
    fs::write(bundle.path().join("launcher.py"), LAUNCHER).expect("room for it");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/recording.md"));
    let page = page.expect("a page of the book");
    let snippet = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
    let tops = [
        ("labkit", "from labkit import mark"),
        ("package", "from whyoom import mark"),
        ("snippet", snippet.expect("the page has lines for Python")),
    ];
    for (name, top) in tops {
        let program = "program.py";
        fs::write(bundle.path().join(program), format!("{top}\n{PROGRAM}")).expect("room for it");
        // The lines of the page are for one process; those of a forked worker are on the same channel.
        let ways: &[&'static str] = if name == "snippet" { &["spawn"] } else { &["spawn", "fork"] };
        let launchers = |way: &'static str| [None, Some("closed"), Some("other")].map(|how| (way, how));
        for (way, launcher) in ways.iter().copied().flat_map(launchers) {
            let before = launcher.map_or(vec![], |how| vec!["launcher.py", how]);
            let mut words = vec!["record", "-q", "-o", "r.jsonl", "--timeout", "60s", "--", "python3"];
            words.extend(before.into_iter().chain([program, way]));
            let mut command = bundle.command(&[], &words);
            with_modules(&mut command);
            let said = crate::common::said(command);
            assert!(
                said.code == Some(0) && said.stdout == "[0, 1, 4, 9]\n",
                "{name} {way} {launcher:?}: {said:?}"
            );
            let record = Record::read(&bundle.path().join("r.jsonl")).expect("a whole record");
            let marks: Vec<&str> = record.marks.iter().map(|mark| mark.name.as_str()).collect();
            let expected: &[&str] = if launcher.is_none() { &["begin", "end"] } else { &[] };
            assert_eq!(marks, expected, "{name} {way} {launcher:?}");
        }
    }
    None
}

fn a_test_fails_by_its_limit_with_and_without_xdist() -> Option<String> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return Some(why),
    };
    let bundle = Bundle::new();
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/python/pytest-whyoom");
    let install =
        ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", "installed"];
    run(python_in(&bundle, &python).args(install).arg(plugin));
    fs::copy(script("memory_tests.py"), bundle.path().join("test_memory.py")).expect("room for it");
    for workers in [&[][..], &["-n", "2"]] {
        let mut command = python_in(&bundle, &python);
        command.env("PYTHONPATH", bundle.path().join("installed"));
        let words = ["-m", "pytest", "-p", "no:cacheprovider", "--whyoom-top", "3", "--junitxml", "r.xml"];
        let output =
            command.args(words).args(workers).arg("test_memory.py").output().expect("it can be started");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let failed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("FAILED ")).collect();
        let of = |name: &str| failed.iter().find(|line| line.contains(&format!("::{name} "))).copied();
        for (name, why) in [
            ("test_a_spike_is_over", "the test took "),
            ("test_a_child_is_over", "the test took "),
            ("test_fails_by_itself", "its own reason"),
            ("test_has_a_limit_that_is_none", "'lots' is no size"),
        ] {
            // The line is cut where the terminal ends.
            assert!(of(name).is_some_and(|_| text.contains(why)), "{name}: {text}");
        }
        assert_eq!(failed.len(), 4, "{text}");
        let listed = text.lines().filter(|line| line.contains(" MiB  test_memory.py::")).count();
        assert_eq!(listed, 3, "{text}");
        assert!(text.contains("and its limit is 40.0 MiB (2 processes at once)"), "{text}");
        let report = fs::read_to_string(bundle.path().join("r.xml")).expect("it was written");
        assert!(report.contains("name=\"memory_bytes\""), "{report}");
    }
    None
}

fn a_cell_of_a_notebook_is_drawn_and_diagnosed() -> Option<String> {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return Some(why),
    };
    let bundle = Bundle::new();
    let mut command = python_in(&bundle, &python);
    run(command.env("WHYOOM", env!("CARGO_BIN_EXE_lab")).arg(script("notebook.py")));
    let left: Vec<String> = fs::read_dir(bundle.path().join("tmp"))
        .expect("it was made above")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("whyoom-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    None
}

/// A bundle with the record of a program that has marks and a child, and with what must be in every export of it.
fn recorded(python: &Path) -> Bundle {
    let bundle = Bundle::new();
    let [python, program] = [python, &script("marked.py")].map(|path| path.display().to_string());
    let words = ["record", "-q", "-o", "r.jsonl", "--", &python, &program];
    let mut command = bundle.command(&[], &words);
    with_modules(&mut command);
    let said = crate::common::said(command);
    assert_eq!(said.code, Some(0), "{said:?}");
    let record = Record::read(&bundle.path().join("r.jsonl")).expect("a whole record");
    let metrics = record.tracks.values().flat_map(|track| track.columns.keys());
    let peaks: BTreeMap<&String, u64> =
        metrics.filter_map(|metric| Some((metric, record.series(metric)?.peak()?.1))).collect();
    let marks: Vec<_> = record.marks.iter().map(|mark| json!([mark.name, mark.t * 1000])).collect();
    let each = || record.processes.each.values();
    let pids: Vec<i32> = each().filter_map(|track| Some(track.process.as_ref()?.pid)).collect();
    let anon: BTreeMap<String, u64> = each()
        .filter_map(|track| Some((track.process.as_ref()?.pid.to_string(), track.peak("anon")?)))
        .collect();
    assert!(
        marks.len() == 2 && pids.len() >= 2 && anon.values().any(|&anon| anon > 40 << 20),
        "{pids:?} {anon:?}"
    );
    let moments = record.events.len() + record.ended.len();
    let expected = json!({ "peaks": peaks, "marks": marks, "pids": pids, "anon": anon, "moments": moments });
    fs::write(bundle.path().join("expected.json"), expected.to_string()).expect("room for it");
    bundle
}

/// The Python of an environment with what the checks need; or why there is none.
fn python() -> Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(environment).clone()
}

/// Makes the environment, once for as long as its requirements stay as they are.
fn environment() -> Result<PathBuf, String> {
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/python.txt");
    let wanted = fs::read_to_string(&requirements).expect("a file of the repository");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats-python");
    let (python, made_of) = (folder.join("bin/python3"), folder.join("made-of"));
    if fs::read_to_string(&made_of).is_ok_and(|made_of| made_of == wanted) {
        return Ok(python);
    }
    if std::env::var_os("CARGO_NET_OFFLINE").is_some() {
        return Err("there is no environment of Python, and none can be made without a network".into());
    }
    let make = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(format!("no environment of Python can be made: {}", said.lines().last().unwrap_or_default()))
        }
        Err(error) => Err(format!("python3: {error}")),
    };
    make(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--retries", "1", "--requirement"];
    make(Command::new(&python).args(install).arg(requirements))?;
    fs::write(made_of, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

/// Python in the folder of a bundle, with our modules.
fn python_in(bundle: &Bundle, python: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(bundle.path())
        .env("HOME", bundle.path().join("home"))
        .env("TMPDIR", bundle.path().join("tmp"));
    with_modules(&mut command);
    command
}

/// Lets Python find our modules, and write nothing into the repository.
fn with_modules(command: &mut Command) {
    let modules = ["harness/python", "harness/kit/python"];
    let modules = modules.map(|folder| format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))).join(":");
    command.env("PYTHONPATH", modules).env("PYTHONDONTWRITEBYTECODE", "1");
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/python").join(name)
}

/// Runs a command that must succeed.
#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", output.status);
}
