//! `lab` on a cluster: a real Slurm with two nodes, both on this machine, which is started for these tests and taken
//! down after them.
//!
//! It has one kernel, one clock and one file system, so it shows how records are named, kept and gathered, and not how
//! clocks that disagree or a slow shared folder look.

#[allow(dead_code, reason = "it is that of other tests as well")]
#[path = "../end_to_end/bundle.rs"]
mod bundle;
#[path = "../common/mod.rs"]
mod common;
mod slurm;
#[allow(dead_code, reason = "it is that of other tests as well")]
#[path = "../end_to_end/toy.rs"]
mod toy;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use lab::model::outcome::{Finding, Outcome};
use lab::model::record::Record;
use lab::model::verdict::Status;
use lab::scenario::Catalog;
use lab::sweep;
use serde_json::Value;

use bundle::Bundle;
use common::{Said, lab, leftovers, said};
use slurm::Slurm;

/// The cluster, or why there is none.
static SLURM: Mutex<Option<Result<Slurm, String>>> = Mutex::new(None);

/// Tests that may find that the machine lacks what they need; each returns why, or `None`.
macro_rules! trials_where_possible {
    ($($name:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::ignorable_test(stringify!($name), || {
            let mut slurm = SLURM.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let lack = match slurm.get_or_insert_with(Slurm::start) {
                Ok(slurm) => $name(slurm),
                Err(why) => Some(why.clone()),
            };
            Ok(lack.map_or(libtest_mimic::Completion::Completed, libtest_mimic::Completion::ignored_with))
        })),*]
    };
}

fn main() -> ExitCode {
    if std::env::var_os(labkit::channel::VARIABLE).is_some() {
        return toy::main();
    }
    let trials = trials_where_possible![
        ranks_that_share_a_name_have_a_record_each_and_all_programs_run,
        an_oom_in_a_step_is_named_with_the_limit_of_the_step,
        an_array_of_a_sweep_gathers_to_the_same_law,
        a_cancelled_step_leaves_whole_records_and_a_killed_one_all_but_its_last_seconds,
    ];
    let conclusion = libtest_mimic::run(&common::arguments(), trials);
    // Before the process ends, so that nothing of it is left.
    let slurm = SLURM.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    if let Some(Ok(slurm)) = slurm {
        slurm.take_down();
    }
    conclusion.exit_code()
}

/// A folder that is on another file system than that of temporary files, as a shared one would be.
struct Shared(PathBuf);

impl Shared {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(format!("/dev/shm/lab-test-{}-{name}", std::process::id()));
        fs::create_dir(&folder).expect("room for a folder in shared memory");
        Shared(folder)
    }

    /// The record of this name.
    #[track_caller]
    fn record(&self, name: &str) -> Record {
        Record::read(&self.0.join(name))
            .unwrap_or_else(|error| panic!("{error}; there is {:?}", names(&self.0)))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// `lab gather` of all records in a folder.
fn gathered(folder: &Path) -> Value {
    said(lab(folder, &[], &["gather", "--json", "."])).json()
}

/// The path of `lab`.
const LAB: &str = env!("CARGO_BIN_EXE_lab");

fn ranks_that_share_a_name_have_a_record_each_and_all_programs_run(slurm: &Slurm) -> Option<String> {
    let shared = Shared::new("ranks");
    let before = names(&slurm.temporary());
    let script = "echo it runs; touch ran-$SLURM_PROCID; sleep 0.3; exit 0";
    let name = format!("{}/run-%s.jsonl", shared.0.display());
    let said = slurm.said(&["srun", "-N2", "-n2", LAB, "record", "-o", &name, "--", "sh", "-c", script]);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "it runs\nit runs\n", ""));
    assert!(["ran-0", "ran-1"].iter().all(|name| slurm.folder().join(name).is_file()));
    assert_eq!(names(&shared.0), ["run-0-0.jsonl", "run-0-1.jsonl"]);
    let records = [0, 1].map(|rank| shared.record(&format!("run-0-{rank}.jsonl")));
    let places =
        records.each_ref().map(|record| record.header.place.as_ref().expect("a command has a place"));
    assert_eq!(places.map(|place| (place.rank, place.ranks)), [(Some(0), Some(2)), (Some(1), Some(2))]);
    assert_eq!(
        places.map(|place| place.node.as_deref()),
        slurm.nodes().each_ref().map(|node| Some(node.as_str()))
    );
    assert!(
        places[0].job.is_some() && places[0].job == places[1].job && places[0].boot_id == places[1].boot_id
    );
    assert!(records.iter().all(|record| record.outcome() == Outcome::Exited(0)));
    // What each wrote first on its own machine is gone from there.
    assert_eq!(names(&slurm.temporary()), before);

    let job = gathered(&shared.0);
    let ranks = job["ranks"].as_array().expect("a list");
    assert_eq!(
        ranks.iter().map(|rank| rank["name"].as_str()).collect::<Vec<_>>(),
        [Some("rank 0"), Some("rank 1")]
    );
    assert_eq!(job["nodes"].as_array().map(Vec::len), Some(2), "{job:#}");
    assert!(job["alignment"].as_str().is_some_and(|how| how.contains("no skew")), "{job:#}");
    assert_eq!(job["missing"].as_array().map(Vec::len), Some(0), "{job:#}");

    // Where nothing can be written, the programs run all the same.
    let script = "touch again-$SLURM_PROCID; exit 7";
    let before = ["srun", "-N2", "-n2", LAB, "record", "-o", "/proc/none/r.jsonl"];
    let said = slurm.said(&[&before[..], &["--", "sh", "-c", script]].concat());
    assert!(["again-0", "again-1"].iter().all(|name| slurm.folder().join(name).is_file()), "{said:?}");
    assert_eq!(said.code, Some(7), "{said:?}");
    assert_eq!(said.stderr.matches("the record goes to the store").count(), 2, "{said:?}");
    None
}

fn an_oom_in_a_step_is_named_with_the_limit_of_the_step(slurm: &Slurm) -> Option<String> {
    if !slurm.limits_memory() {
        return Some(
            "Slurm has no hierarchy of control groups of version 1 here in which it can limit memory".into(),
        );
    }
    let shared = Shared::new("oom");
    let name = format!("{}/r.jsonl", shared.0.display());
    let hog = ["dd", "if=/dev/zero", "of=/dev/null", "bs=400M", "count=1"];
    let before = ["srun", "-N1", "-n1", "--mem=64", LAB, "record", "-o", &name, "--"];
    let said = slurm.said(&[&before[..], &hog].concat());
    let record = shared.record("r.jsonl");
    assert!(record.outcome().to_string().contains("OOM killer"), "{}: {said:?}", record.outcome());
    // The task itself has no limit: it is that of a group around it.
    let around = record.header.enclosing.as_ref().expect("a group with a limit");
    assert_eq!(around.limit, 64 << 20);
    assert!(around.path.contains("/job_"), "{}", around.path);
    let evidence = record.trailer.as_ref().map(|trailer| trailer.evidence.clone()).unwrap_or_default();
    let reached = evidence.iter().find(|seen| seen.source == "the limit of the control group around it");
    let reached = reached.map(|seen| &seen.finding);
    assert!(matches!(reached, Some(Finding::Fired(detail)) if detail.contains("64 MiB in ")), "{evidence:?}");
    let job = gathered(&shared.0);
    assert_eq!(job["nodes"][0]["limit"].as_u64(), Some(64 << 20), "{job:#}");
    assert!(job["nodes"][0]["charged"].as_u64() > Some(48 << 20), "{job:#}");
    None
}

fn an_array_of_a_sweep_gathers_to_the_same_law(slurm: &Slurm) -> Option<String> {
    let bundle = Bundle::new();
    let script = bundle.lab(&["sweep", "toy", "files", "--slurm"]);
    assert_eq!(script.code, Some(0), "{script:?}");
    fs::write(bundle.path().join("array.sh"), &script.stdout).expect("room for a script");
    let mut sbatch = slurm.command(&["sbatch", "--wait", "array.sh"]);
    sbatch.current_dir(bundle.path()).env("HOME", bundle.path().join("home"));
    sbatch.env("TMPDIR", bundle.path().join("tmp")).env_remove("XDG_STATE_HOME");
    let array = said(sbatch);
    let outputs: String = (0..3)
        .filter_map(|task| fs::read_to_string(bundle.path().join(format!("sweep-files-{task}.out"))).ok())
        .collect();
    assert_eq!(array.code, Some(0), "{array:?}\n{outputs}");
    assert_eq!(names(&bundle.path().join("sweep-files")), ["1", "2", "4"], "{outputs}");

    let together = bundle.lab(&["sweep", "toy", "files", "--gather", "sweep-files"]);
    assert_eq!(together.code, Some(0), "{together:?}");
    assert_eq!(together.stdout.matches("HOLDS").count(), 3 * 2, "{together:?}");
    assert_eq!(verdicts(&together), verdicts(&bundle.lab(&["sweep", "toy", "files"])));
    // The same records as a recorded sweep, of which the line is known as a number.
    let results = bundle.path().join("scenarios/toy/results");
    fs::create_dir_all(&results).expect("room for a folder");
    fs::rename(bundle.path().join("sweep-files"), results.join("sweep-files")).expect("one file system");
    let catalog = Catalog::load(bundle.path()).expect("the toy's scenario.toml");
    let toy = catalog.find("toy").expect("the only scenario");
    let files = toy.sweep("files").expect("its only sweep");
    let points = sweep::read(toy, files).expect("all records");
    assert!(points.iter().all(|point| point.status() == Status::Holds), "{points:#?}");
    let slope = |variant: &str| sweep::fit(files, &points, variant).expect("three points").slope;
    assert!((slope("broken") - 1.0).abs() < 0.01 && slope("fixed").abs() < 0.01, "{points:#?}");
    bundle.leaves_nothing();
    None
}

/// Which point got which verdict.
fn verdicts(said: &Said) -> Vec<(String, String, bool)> {
    let rows = said.stdout.lines().filter(|line| line.contains("HOLDS") || line.contains("FAILS"));
    let cells = rows
        .map(|row| (row.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), row.contains("HOLDS")));
    cells.map(|(cells, holds)| (cells[0].clone(), cells[1].clone(), holds)).collect()
}

fn a_cancelled_step_leaves_whole_records_and_a_killed_one_all_but_its_last_seconds(
    slurm: &Slurm,
) -> Option<String> {
    let shared = Shared::new("cancel");
    for end in ["asked", "killed"] {
        let (name, job) = (format!("{}/{end}-%r.jsonl", shared.0.display()), format!("--job-name={end}"));
        let command = ["srun", &job, "-N2", "-n2", LAB, "record", "-o", &name, "--", "sleep", "600"];
        let srun = slurm.command(&command);
        let step = std::thread::spawn(move || said(srun));
        let begun =
            || ["0", "1"].iter().all(|rank| is_long(&shared.0.join(format!("{end}-{rank}.jsonl.part"))));
        let times = (0..600).find(|_| {
            std::thread::sleep(Duration::from_millis(100));
            begun()
        });
        assert!(times.is_some(), "{:?}", names(&shared.0));
        let known = slurm.said(&["squeue", "--noheader", &format!("--name={end}"), "--format=%i"]);
        let job = known.stdout.trim();
        // A step that is killed has no time for anything, as one whose node runs out of memory.
        let said = match end {
            "asked" => slurm.said(&["scancel", job]),
            _ => slurm.said(&["scancel", "--signal=KILL", &format!("{job}.0")]),
        };
        assert_eq!(said.code, Some(0), "{known:?} {said:?}");
        step.join().expect("no panic");
        for rank in 0..2 {
            match end {
                "asked" => {
                    let record = shared.record(&format!("asked-{rank}.jsonl"));
                    assert!(record.outcome().to_string().contains("SIGTERM"), "{}", record.outcome());
                }
                _ => {
                    let record = shared.record(&format!("killed-{rank}.jsonl.part"));
                    assert_eq!(record.outcome(), Outcome::Unfinished);
                    assert!(record.peak("rss").is_some_and(|peak| peak > 0) && record.duration() > 0);
                }
            }
        }
    }
    let job = gathered(&shared.0);
    assert_eq!(job["ranks"].as_array().map(Vec::len), Some(4), "{job:#}");
    None
}

/// Whether a copy has come far enough that it has samples.
fn is_long(part: &Path) -> bool {
    fs::read_to_string(part).is_ok_and(|text| text.contains("\n{\"samples\""))
}

/// What the tests have started, by their environment, has ended.
fn nothing_runs(folder: &Path) {
    let left = leftovers::processes_at_last(folder);
    let left: Vec<String> = left.into_iter().map(leftovers::described).collect();
    assert!(left.is_empty(), "the cluster has left behind: {left:#?}");
}
