//! The programs of the scenarios: built by cargo in the repository, ready-made in a bundle.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::host::copy::copy;
use crate::learn::workspace::{MY, Workspace};
use crate::sandbox::Word;
use crate::scenario::Kind;

/// How a program is started.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// The program itself.
    pub(crate) program: PathBuf,
    /// Its arguments before those that each variant is given.
    pub(crate) args: Vec<String>,
    /// Variables added to its environment.
    pub(crate) env: BTreeMap<String, Word>,
    /// The language and the libraries with their versions, if it isn't one of our programs.
    pub(crate) peer: Option<BTreeMap<String, String>>,
}

impl From<&Path> for Start {
    /// One of our programs, which needs nothing else.
    fn from(program: &Path) -> Self {
        Start { program: program.to_owned(), args: Vec::new(), env: BTreeMap::new(), peer: None }
    }
}

/// The folder of ready-made programs in a bundle.
pub(crate) const BIN: &str = "bin";

/// The program of a scenario, built first if there is something to build.
///
/// # Errors
///
/// When cargo isn't there, or the scenario doesn't compile; cargo's own words go to the terminal.
pub(crate) fn find(root: &Path, slug: &str) -> Result<PathBuf> {
    let ready = root.join(BIN).join(slug);
    if ready.is_file() {
        return Ok(ready);
    }
    if !root.join("Cargo.toml").is_file() {
        bail!(
            "{} is neither the workbook's repository nor a bundle with {}",
            root.display(),
            ready.display()
        );
    }
    build(root, slug)
}

fn build(root: &Path, slug: &str) -> Result<PathBuf> {
    let output = cargo(root, "build", slug)
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .with_context(no_cargo)?;
    if !output.status.success() {
        bail!("{slug} couldn't be built");
    }
    executable(&output.stdout, slug, slug)
}

/// The result of building a learner's program.
#[derive(Debug)]
pub(crate) enum LearnerBuild {
    /// The program.
    Built(PathBuf),
    /// The compiler doesn't take it, and has said why on the standard error.
    Refused,
    /// It has this file compiled in, next to the exercise's.
    Borrowed(PathBuf),
}

/// Builds a program of a scenario's exercises, with the learner's file instead of an exercise.
///
/// Nothing else of it is the learner's, and only the last crate is compiled again. The program is moved to `place`,
/// since cargo puts that of the next exercise where this one was.
///
/// # Errors
///
/// When cargo isn't there or fails for another reason than the scenario's code, or nothing can be copied.
pub(crate) fn build_exercise(root: &Path, workspace: &Workspace<'_>, place: &Path) -> Result<LearnerBuild> {
    let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
    let name = format!("my-{slug}");
    if !root.join("Cargo.toml").is_file() {
        bail!("exercises are compiled, and {} isn't the repository of the workbook", root.display());
    }
    let terminal =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    // Printed here instead of by cargo, which distinguishes an error in the code from any other failure.
    let messages = if terminal { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut cargo = cargo(root, "rustc", slug)
        .args(["--bin", &name, "--features", "my", "--message-format", messages, "--", "--cfg"])
        .arg(format!("my={exercise:?}"))
        // A denied lint can be allowed again, and a forbidden one is forbidden to the macros of crates too.
        .args(["--force-warn", "unsafe_code"])
        // The compiler, and a panic, name the file as the learner does.
        .arg(format!("--remap-path-prefix=scenarios/{slug}/src/../../../{MY}={MY}"))
        // Most of the crate is as it was at the last check, and a learner waits for this.
        .arg("-C")
        .arg(incremental(place))
        // A bar that is drawn again and again would run into the compiler's lines.
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(no_cargo)?;
    let mut messages = Vec::new();
    let mut is_refused = false;
    for line in BufReader::new(cargo.stdout.take().context("the output of cargo")?).split(b'\n') {
        let line = line.context("the output of cargo")?;
        if let Ok(Said { message }) = serde_json::from_slice(&line) {
            let is_unsafe = message.is_about("unsafe_code");
            if !is_unsafe || message.is_of_learner() {
                eprint!("{}", message.rendered);
            }
            is_refused |= message.level == "error" || is_unsafe && message.is_of_learner();
        }
        messages.extend_from_slice(&line);
        messages.push(b'\n');
    }
    let status = cargo.wait().context("waiting for cargo")?;
    match status.success() {
        _ if is_refused => Ok(LearnerBuild::Refused),
        true => {
            let program = executable(&messages, slug, &name)?;
            if let Some(file) = borrowed(root, workspace, &program)? {
                return Ok(LearnerBuild::Borrowed(file));
            }
            fs::create_dir_all(place.parent().unwrap_or(place))
                .with_context(|| place.display().to_string())?;
            let new = place.with_extension("new");
            copy(&program, &new)?;
            // Renamed into place, so that another check never starts half a program.
            fs::rename(&new, place).with_context(|| place.display().to_string())?;
            Ok(LearnerBuild::Built(place.to_owned()))
        }
        false => bail!("{slug} couldn't be built"),
    }
}

/// The compiler's option that keeps compiled parts of a program next to it.
fn incremental(place: &Path) -> OsString {
    let mut option = OsString::from("incremental=");
    option.push(place);
    option.push(".incremental");
    option
}

/// The profile of Cargo.toml that scenarios are built in.
const PROFILE: &str = "workshop";

/// A command of cargo for one package, in the profile of the workshop: a `lab` of any profile shares its builds.
fn cargo(root: &Path, command: &str, slug: &str) -> Command {
    let mut cargo = Command::new(cargo_path());
    cargo.args([command, "--profile", PROFILE, "--package", slug]).current_dir(root);
    // Ctrl-C, which lab itself only hears of, ends cargo.
    labkit::sys::give_signals(&mut cargo, labkit::sys::inherited_signals());
    cargo
}

pub(crate) fn cargo_path() -> PathBuf {
    std::env::var_os("CARGO").unwrap_or("cargo".into()).into()
}

pub(crate) fn no_cargo() -> String {
    format!("{}: is Rust installed?", cargo_path().display())
}

/// The packages that every scenario's program may be made of.
const HARNESS: [&str; 3] = ["harness/features", "harness/kit", "harness/pool"];

/// The first file that a learner's program is made of and shouldn't be, such as a solution that it includes.
fn borrowed(root: &Path, workspace: &Workspace<'_>, program: &Path) -> Result<Option<PathBuf>> {
    let scenario = workspace.scenario;
    let list = program.with_extension("d");
    let list = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let src = scenario.folder.join("src");
    let starts = scenario.variants.iter().filter(|variant| variant.kind == Kind::Exercise);
    let shared = ["my.rs", "setup.rs"].map(|name| src.join(name)).into_iter();
    let shared = shared.chain([scenario.folder.join("scenario.toml")]);
    let given = shared.chain(starts.map(|start| scenario.source(&start.name)));
    let given = given.chain([workspace.file.clone()]);
    let given: Vec<PathBuf> = given.filter_map(|path| path.canonicalize().ok()).collect();
    let is_given = |file: &PathBuf| file.canonicalize().is_ok_and(|file| given.contains(&file));
    // Those of another clone, where two share what cargo has built.
    let is_of_harness =
        |file: &PathBuf| file.ancestors().any(|folder| HARNESS.iter().any(|one| folder.ends_with(one)));
    Ok(sources(&list)
        .into_iter()
        .map(|file| root.join(file))
        .find(|file| !is_given(file) && !is_of_harness(file)))
}

/// The files that cargo names as those that a program depends on: `program: file file`, with a backslash before a space.
fn sources(list: &str) -> Vec<PathBuf> {
    let files = list.split_once(": ").map_or("", |(_, files)| files).trim_end();
    let files = files.replace("\\ ", "\0");
    files.split(' ').map(|file| PathBuf::from(file.replace('\0', " "))).collect()
}

/// The program of this name among the messages of cargo.
fn executable(messages: &[u8], slug: &str, name: &str) -> Result<PathBuf> {
    let messages = messages.split(|&byte| byte == b'\n');
    let artifacts = messages.filter_map(|message| serde_json::from_slice::<Artifact>(message).ok());
    let built =
        artifacts.filter(|artifact| artifact.target.name == name).find_map(|artifact| artifact.executable);
    built.with_context(|| format!("the package {slug} has no program {name}"))
}

/// What cargo says about something that it has built.
#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// What cargo passes on from the compiler.
#[derive(Deserialize)]
struct Said {
    message: Diagnostic,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    /// As the compiler would have printed it.
    rendered: String,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// A place in the sources; of what a macro has written, the place where it's called.
#[derive(Deserialize)]
struct Span {
    file_name: PathBuf,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
    /// Where the macro is defined.
    def_site_span: Span,
}

impl Diagnostic {
    fn is_about(&self, lint: &str) -> bool {
        self.code.as_ref().is_some_and(|code| code.code == lint)
    }

    /// Whether the learner has written it, if need be in a macro.
    fn is_of_learner(&self) -> bool {
        self.spans.iter().any(Span::is_of_learner)
    }
}

impl Span {
    fn is_of_learner(&self) -> bool {
        match &self.expansion {
            None => self.file_name.starts_with(MY),
            Some(macro_call) => {
                let is_nested = macro_call.span.expansion.is_some();
                macro_call.def_site_span.is_of_learner() || is_nested && macro_call.span.is_of_learner()
            }
        }
    }
}
