//! Environments of Python with the real libraries: made once from the pinned packages, and reused.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A Python with libraries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// The interpreter, which knows its libraries.
    pub python: PathBuf,
    /// The versions of the interpreter (`python`) and of each library that is pinned.
    pub versions: BTreeMap<String, String>,
}

/// Why there's no environment, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub(super) String);

/// The environment of these requirements below `folder`: the one that is there, or a new one.
///
/// Its name comes from the pinned packages, so equal requirements share one. If another `lab` is making one, this
/// waits for it. `report` hears when something has to be made.
///
/// # Errors
///
/// [`Unavailable`] when the machine has no Python, or the libraries can't be had.
pub fn make(
    folder: &Path,
    requirements: &Path,
    report: impl FnOnce(&str),
) -> Result<Environment, Unavailable> {
    let text = fs::read_to_string(requirements).map_err(|error| unavailable(requirements, &error))?;
    let pins: Vec<(&str, &str)> = text.lines().filter_map(|line| line.trim().split_once("==")).collect();
    let name: Vec<String> = pins.iter().map(|(name, version)| format!("{name}-{version}")).collect();
    let place = folder.join(name.join("+"));
    fs::create_dir_all(folder).map_err(|error| unavailable(folder, &error))?;
    let lock = folder.join(LOCK);
    let _alone = File::create(&lock)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| unavailable(&lock, &error))?;
    let python = place.join("bin/python");
    // The mark comes last, so a half-made one has none. A Python may also have gone since.
    if place.join(MADE).is_file()
        && let Some(versions) = versions(&python, &pins)
    {
        return Ok(Environment { python, versions });
    }
    report(&format!("Making an environment of Python with {} in {}", name.join(", "), folder.display()));
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| unavailable(&place, &error))?;
    }
    match has("uv") {
        true => {
            run(Command::new("uv").arg("venv").arg(&place), NO_PYTHON)?;
            let mut install = Command::new("uv");
            install.args(["pip", "install", "--only-binary", ":all:", "--python"]).arg(&python);
            run(install.arg("--requirement").arg(requirements), NO_PACKAGES)?;
        }
        false => {
            run(Command::new(PYTHON).args(["-m", "venv"]).arg(&place), NO_PYTHON)?;
            let mut install = Command::new(&python);
            install.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]);
            // What would have to be compiled needs more than a reader has.
            install.args(["--only-binary", ":all:", "--requirement"]).arg(requirements);
            run(&mut install, NO_PACKAGES)?;
        }
    }
    let versions = versions(&python, &pins)
        .ok_or_else(|| Unavailable(format!("{} lacks the packages that were installed", python.display())))?;
    fs::write(place.join(MADE), text).map_err(|error| unavailable(&place, &error))?;
    Ok(Environment { python, versions })
}

/// What Python is called if there is one.
const PYTHON: &str = "python3";

/// The file that is locked while an environment is looked for or made.
const LOCK: &str = ".lock";

/// The file in an environment that says that it is whole.
const MADE: &str = "made";

const NO_PYTHON: &str = "the peers need Python 3.11 or newer with its module venv \
                         (on Debian: apt-get install python3-venv), or uv";

const NO_PACKAGES: &str = "the peers need the packages that are pinned, from an index that pip can reach: \
                           try again with a network";

/// The versions of the interpreter and of the pinned packages; none if they aren't as pinned.
fn versions(python: &Path, pins: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    let script = "import importlib.metadata, json, platform, sys\n\
                  found = {name: importlib.metadata.version(name) for name in sys.argv[1:]}\n\
                  print(json.dumps({'python': platform.python_version(), **found}))";
    let mut command = Command::new(python);
    command.args(["-I", "-c", script]).args(pins.iter().map(|(name, _)| name));
    let Output { status, stdout, .. } = command.output().ok()?;
    let versions: BTreeMap<String, String> = serde_json::from_slice(&stdout).ok()?;
    let as_pinned =
        |(name, version): &(&str, &str)| versions.get(*name).is_some_and(|found| found == version);
    (status.success() && pins.iter().all(as_pinned)).then_some(versions)
}

/// Whether there is a program of this name.
fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs a step; its lines go to the standard error as they come, and the last one says why it failed.
fn run(command: &mut Command, needs: &str) -> Result<(), Unavailable> {
    let failed = |why: &str| Err(Unavailable(format!("{needs} ({why})")));
    // What fails at Ctrl-C must hear of it, and lab itself has blocked it.
    labkit::sys::give_signals(command, labkit::sys::inherited_signals());
    let mut child = match command.stdout(Stdio::from(std::io::stderr())).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return failed(&format!("{}: {error}", command.get_program().display())),
    };
    let mut last = String::new();
    let lines = child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines());
    for line in lines.map_while(Result::ok) {
        eprintln!("{line}");
        if !line.trim().is_empty() {
            last = line;
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) if last.is_empty() => failed(&status.to_string()),
        Ok(_) => failed(last.trim()),
        Err(error) => failed(&error.to_string()),
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> Unavailable {
    Unavailable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_can_not_be_an_environment() {
        let folder = tempfile::tempdir().unwrap();
        let missing = make(folder.path(), &folder.path().join("requirements.txt"), |_| ()).unwrap_err();
        assert!(missing.to_string().contains("requirements.txt"), "{missing}");
        assert_eq!(versions(&folder.path().join("bin/python"), &[]), None);
    }

    #[test]
    fn a_step_that_fails_says_what_is_needed_and_why() {
        let mut step = Command::new("sh");
        let why = run(step.args(["-c", "echo first >&2; echo no network >&2; exit 1"]), "a net").unwrap_err();
        assert_eq!(why.to_string(), "a net (no network)");
        let why = run(&mut Command::new("no-such-program"), "a program").unwrap_err();
        assert!(why.to_string().starts_with("a program (no-such-program: "), "{why}");
    }
}
