//! Runs the scenarios in all ways for their records, with their mutants and peers.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use lab::scenario::{Kind, Scenario, Variant};
use tempfile::TempDir;

use super::cases::{Entry, entries, files, records};
use super::common::{lab, leftovers, said};
use super::machine::{self, Hardware, Init, Kind as Machine};
use super::mutant::{self, Mutant};
use super::record::{built, store};
use super::scenarios::{PEERS, RUNS, Runs, VERSION_2, Way, catalog, mutant_path};
use super::workbook::Workbook;
use super::{read, root};

/// In each track: they are short, so each sample counts.
const SAMPLES: usize = 80;

/// Records all variants whose names begin with this, without those that learners work on.
pub(crate) fn all(only: &str) {
    for Runs { folder, way, .. } in RUNS {
        for scenario in catalog().scenarios() {
            let is_whole =
                |variant: &&Variant| matches!(variant.kind, Kind::Broken | Kind::Fixed | Kind::Mutant);
            for variant in scenario.variants.iter().filter(is_whole) {
                let path = records().join(folder).join(&scenario.slug).join(&variant.name);
                if is_wanted(&path, only) {
                    record(*way, &scenario.slug, &variant.name, &path);
                }
            }
        }
    }
}

/// Whether the name of a record, in the folder of all of them, begins with this.
fn is_wanted(path: &Path, only: &str) -> bool {
    path.strip_prefix(records()).is_ok_and(|name| name.to_string_lossy().starts_with(only))
}

fn record(way: Way, slug: &str, variant: &str, path: &Path) {
    let (size, user) = match way {
        Way::Confined { size, user } => (size, user),
        Way::Attached => ("lab", &[][..]),
    };
    let bundle = bundle(slug);
    let mut run = lab(bundle.path(), user, &["run", slug, variant, "--size", size, "--json"]);
    run.env("XDG_STATE_HOME", bundle.path().join("state")).env(leftovers::TOKEN, bundle.path());
    let record = match way {
        Way::Attached => attached(run, slug, bundle.path()),
        Way::Confined { .. } => {
            let said = said(run);
            found(bundle.path(), variant).ok_or(said.stderr)
        }
    };
    match record {
        Ok(record) => store(&record, bundle.path(), &path.with_extension("jsonl"), SAMPLES),
        Err(why) => println!("{slug}/{variant} is left out: {why}"),
    }
}

/// Starts a run, and attaches to its program as soon as that is there.
fn attached(mut run: Command, slug: &str, folder: &Path) -> Result<PathBuf, String> {
    let record = folder.join("attached.jsonl");
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("timeout(1) is there");
    let mut program = None;
    while program.is_none() && run.try_wait().is_ok_and(|ended| ended.is_none()) {
        std::thread::sleep(Duration::from_millis(2));
        // The kernel keeps 15 letters of a name.
        let is_it =
            |pid: &i32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == slug);
        program = leftovers::processes(folder).into_iter().filter(is_it).min();
    }
    let pid = program.ok_or("it has ended already")?;
    let mut attach = Command::new(env!("CARGO_BIN_EXE_lab"));
    attach.args(["record", "--quiet", "--output"]).arg(&record).args(["--attach", &pid.to_string()]);
    let said = said(attach);
    run.wait().expect("it was started");
    if record.exists() { Ok(record) } else { Err(said.stderr) }
}

/// A folder with the program of a scenario, in which every user may write.
fn bundle(slug: &str) -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("the folder is ours");
    fs::copy(root().join("target/workshop").join(slug), bin.join(slug))
        .expect("it is built: cargo build --profile workshop --workspace");
    symlink(root().join("scenarios"), folder.path().join("scenarios")).expect("the folder is ours");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("the folder is ours");
    folder
}

/// The record of a variant, anywhere in the folder.
fn found(folder: &Path, variant: &str) -> Option<PathBuf> {
    records_below(folder).into_iter().find(|path| path.file_stem().is_some_and(|stem| *stem == *variant))
}

/// All records in a folder and below, without links.
fn records_below(folder: &Path) -> Vec<PathBuf> {
    let inside = files(folder).into_iter().filter(|path| !path.is_symlink());
    let (folders, plain): (Vec<PathBuf>, Vec<PathBuf>) = inside.partition(|path| path.is_dir());
    let here = plain.into_iter().filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    here.chain(folders.iter().flat_map(|folder| records_below(folder))).collect()
}

/// Has every mutant of an exercise checked, as a learner would have it.
pub(crate) fn mutants(only: &str) {
    let book = Workbook::new();
    for scenario in catalog().scenarios() {
        for mutant in mutant::of(scenario) {
            let path = mutant_path(scenario, &mutant);
            if is_wanted(&path, only) {
                check(&book, scenario, &mutant, &path);
            }
        }
    }
}

fn check(book: &Workbook, scenario: &Scenario, mutant: &Mutant, path: &Path) {
    let _ = fs::remove_dir_all(book.path("target/lab"));
    let said = book.check(scenario, mutant);
    match found(&book.path("target/lab"), &mutant.exercise) {
        Some(record) => store(&record, &book.path(""), path, SAMPLES),
        None => println!("{} of {} is left out: {said:?}", mutant.name, mutant.exercise),
    }
}

/// Runs the peers, whose environments must be there: `lab peer --prepare`.
pub(crate) fn peers(only: &str) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
    for scenario in catalog().scenarios() {
        let (slug, kept) = (&scenario.slug, records().join(PEERS).join(&scenario.slug));
        if !is_wanted(&kept, only) {
            continue;
        }
        let said = said(lab(&root(), &[], &["peer", slug, "--json"]));
        let Ok(report) = serde_json::from_str::<serde_json::Value>(&said.stdout) else {
            println!("the peer of {slug} is left out: {}", said.stderr);
            continue;
        };
        for record in records_below(Path::new(report["folder"].as_str().expect("a report names its folder")))
        {
            store(&record, folder.path(), &kept.join(record.file_name().expect("it has a name")), SAMPLES);
        }
    }
}

/// So many scenarios are run on an emulated machine, which has a time by which it must be done.
const AT_ONCE: usize = 3;

/// Runs the programs in C there.
const ALL_PROGRAMS: &str = "
    insmod /brd.ko rd_nr=1 rd_size=262144 && mkswap /dev/ram0 > /dev/null
    sh programs.sh > /dev/null 2>&1
";

/// Collects the records there, and prints them packed.
const PACKED: &str = "
    tar -c $(find /tmp/records target/lab -type f -name '*.jsonl') | gzip | base64
";

/// All that is run under version 2 of control groups, which this machine may not have.
pub(crate) fn emulated(only: &str) {
    let kind = Machine { uid: 0, delegated: false, init: Init::Script, hardware: Hardware::Native };
    if let Some(missing) = machine::missing(kind) {
        println!("nothing is recorded under version 2: {missing}");
        return;
    }
    let workshop = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
    let bundled = said(lab(&root(), &[], &["bundle", &workshop.path().display().to_string()]));
    assert_eq!(bundled.code, Some(0), "{bundled:?}");
    let mut programs: Vec<Entry> = entries().into_iter().filter(Entry::runs_under_version_2).collect();
    programs.retain(|entry| is_wanted(&entry.path_under_version_2(), only));
    let lines: String = programs.iter().map(|entry| emulated_line(entry, workshop.path())).collect();
    fs::write(workshop.path().join("programs.sh"), lines).expect("the folder is ours");
    let scenarios = catalog();
    let mut slugs: Vec<&str> = scenarios.scenarios().iter().map(|scenario| &*scenario.slug).collect();
    slugs.retain(|slug| is_wanted(&records().join(VERSION_2).join(slug), only));
    let run = |slug: &&str| format!("./lab run {slug} --size smoke --json > /dev/null 2>&1\n");
    let runs = slugs.chunks(AT_ONCE).map(|slugs| slugs.iter().map(run).collect::<String>());
    let of_programs = (!programs.is_empty()).then(|| ALL_PROGRAMS.to_owned());
    for command in runs.chain(of_programs) {
        // Nothing else may be printed, errors neither.
        let quiet = "exec 2> /dev/null; mkdir /tmp/records /tmp/here\n";
        let ran = machine::run(kind, workshop.path(), &format!("{quiet}{command}{PACKED}"));
        let unpacked = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
        unpack(&ran.output, unpacked.path());
        keep(unpacked.path(), &programs);
    }
}

/// Keeps the records that a machine has made.
fn keep(unpacked: &Path, programs: &[Entry]) {
    for path in records_below(unpacked) {
        let header = read(&path).header;
        let kept = match programs
            .iter()
            .find(|entry| path.file_stem().is_some_and(|stem| *stem == *entry.name()))
        {
            Some(entry) => entry.path_under_version_2(),
            None => {
                records().join(VERSION_2).join(header.scenario).join(header.variant).with_extension("jsonl")
            }
        };
        store(&path, unpacked, &kept, SAMPLES);
    }
}

/// How a program is recorded there. It's built here, and copied with the others.
fn emulated_line(entry: &Entry, workshop: &Path) -> String {
    let program = built(entry.file.as_deref().expect("it is a program"), &workshop.join("bin"));
    let program =
        format!("/workshop/bin/{}", Path::new(&program).file_name().expect("it has a name").display());
    let quoted = |word: &String| format!("'{}'", word.replace("{file}", &program));
    let words = |words: &[String]| words.iter().map(quoted).collect::<Vec<_>>().join(" ");
    let options = match entry.options.is_empty() {
        true => "--timeout 60s".to_owned(),
        false => words(&entry.options),
    };
    let name = entry.name();
    format!(
        "cd /tmp/here; /workshop/lab record --quiet --output /tmp/records/{name}.jsonl {options} -- {}\n",
        words(&entry.words)
    )
}

/// Unpacks what the machine has printed into a folder.
fn unpack(printed: &str, folder: &Path) {
    let mut tar = Command::new("sh")
        .args(["-c", "base64 --decode --ignore-garbage | tar --extract --gzip"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    tar.stdin.take().expect("it is a pipe").write_all(printed.as_bytes()).expect("it is read");
    assert!(tar.wait().is_ok_and(|status| status.success()), "it can't be unpacked: {printed}");
}
