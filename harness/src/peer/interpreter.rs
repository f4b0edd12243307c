//! The CPythons of this machine, found by version, for variants that need one that no package brings.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use super::environment::{Environment, Unavailable};

/// The CPython of a version such as `3.12`, without any libraries: the one in PATH, or else the newest that
/// pyenv or uv has installed.
///
/// # Errors
///
/// [`Unavailable`] when there is none, with what to install.
pub fn find(version: &str) -> Result<Environment, Unavailable> {
    let found = candidates(version).iter().find_map(|candidate| asked(candidate, version));
    found.ok_or_else(|| {
        Unavailable(format!(
            "it needs CPython {version}, which is neither in PATH, as python{version}, nor among the installed ones \
             of pyenv and uv (`pyenv install {version}`, or `uv python install {version}`)"
        ))
    })
}

/// What may be that CPython, the likeliest first. A shim of pyenv has the name of one that it won't start.
fn candidates(version: &str) -> Vec<PathBuf> {
    let name = format!("python{version}");
    let mut candidates = vec![PathBuf::from(&name), PathBuf::from("python3")];
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME").unwrap_or_default();
    let pyenv = folder("PYENV_ROOT").unwrap_or_else(|| home().join(".pyenv"));
    let data = || folder("XDG_DATA_HOME").unwrap_or_else(|| home().join(".local/share"));
    let uv = folder("UV_PYTHON_INSTALL_DIR").unwrap_or_else(|| data().join("uv/python"));
    let of_pyenv = installed(&pyenv.join("versions"), &format!("{version}."));
    let of_uv = installed(&uv, &format!("cpython-{version}."));
    candidates.extend([of_pyenv, of_uv].concat().iter().map(|place| place.join("bin").join(&name)));
    candidates
}

/// The folders in `folder` whose names are `before`, a number, and perhaps a dash with more, the largest number
/// first. A name that goes on otherwise is that of a beta or of another build.
fn installed(folder: &Path, before: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(before).and_then(|rest| rest.split('-').next()?.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// What an interpreter says of itself.
#[derive(Deserialize)]
struct Said {
    /// Where it is, behind all links and shims.
    executable: PathBuf,
    version: String,
    implementation: String,
    /// Whether it has the lock that a free-threaded build lacks, which counts in another way.
    locks: bool,
}

/// The interpreter of this name, if it is an ordinary CPython of this version.
fn asked(python: &Path, version: &str) -> Option<Environment> {
    let script = "import json, platform, sys, sysconfig\n\
                  print(json.dumps({'executable': sys.executable, 'version': platform.python_version(),\n\
                  'implementation': platform.python_implementation(),\n\
                  'locks': not sysconfig.get_config_var('Py_GIL_DISABLED')}))";
    let Output { status, stdout, .. } = Command::new(python).args(["-I", "-c", script]).output().ok()?;
    let said: Said = serde_json::from_slice(&stdout).ok().filter(|_| status.success())?;
    let is_of_it = said.version.strip_prefix(version).is_some_and(|patch| patch.starts_with('.'));
    (is_of_it && said.implementation == "CPython" && said.locks).then(|| Environment {
        python: said.executable,
        versions: BTreeMap::from([("python".to_owned(), said.version)]),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_newest_patch_comes_first_and_betas_and_other_builds_do_not_come() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["3.12.2", "3.12.10", "3.12.0rc1", "3.12-dev", "3.12.1t", "3.1.9", "3.13.0"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let places = ["3.12.10", "3.12.2"].map(|name| folder.path().join(name));
        assert_eq!(installed(folder.path(), "3.12."), places);
        for name in ["cpython-3.12.4-linux-x86_64-gnu", "cpython-3.12.5+freethreaded-linux-x86_64-gnu"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let place = folder.path().join("cpython-3.12.4-linux-x86_64-gnu");
        assert_eq!(installed(folder.path(), "cpython-3.12."), [place]);
        assert_eq!(installed(&folder.path().join("nothing"), "3.12."), [] as [PathBuf; 0]);
    }

    #[test]
    fn an_interpreter_counts_by_what_it_says_and_not_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let python = folder.path().join("python");
        let says = |version: &str, implementation: &str, locks: bool| {
            let said = format!(
                r#"{{"executable":"/a/python","version":"{version}","implementation":"{implementation}","locks":{locks}}}"#
            );
            fs::write(&python, format!("#!/bin/sh\necho '{said}'\n")).unwrap();
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
            asked(&python, "3.1").map(|found| (found.python, found.versions["python"].clone()))
        };
        assert_eq!(says("3.1.4", "CPython", true), Some(("/a/python".into(), "3.1.4".into())));
        assert_eq!(says("3.14.1", "CPython", true), None);
        assert_eq!(says("3.1.4", "PyPy", true), None);
        assert_eq!(says("3.1.4", "CPython", false), None);
        fs::write(&python, "#!/bin/sh\necho 'python3.1: command not found' >&2; exit 127\n").unwrap();
        assert_eq!(asked(&python, "3.1"), None);
    }

    #[test]
    fn one_that_is_not_there_is_answered_with_what_to_install() {
        let why = find("3.999").unwrap_err().to_string();
        assert!(why.contains("CPython 3.999") && why.contains("pyenv install 3.999"), "{why}");
    }
}
