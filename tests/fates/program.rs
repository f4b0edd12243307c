//! What a case needs: tools that are there, and programs in C that are compiled where a compiler is there.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::stage::{PATH, programs};

/// What is missing for a case; `None` when nothing is.
pub(crate) fn missing(tools: &[&str]) -> Option<String> {
    let absent = |tool: &&&str| {
        let mut look = Command::new("sh");
        look.args(["-c", "command -v \"$0\"", tool]).env("PATH", PATH).stdout(Stdio::null());
        !look.status().is_ok_and(|status| status.success())
    };
    tools.iter().find(absent).map(|tool| format!("there is no {tool} here"))
}

/// Why nothing can be started by these words; `None` when it can.
pub(crate) fn impossible(before: &[&str]) -> Option<String> {
    let [first, words @ ..] = before else { return None };
    let output = Command::new(first).args(words).arg("true").env("PATH", PATH).output();
    match output {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")),
        Err(error) => Some(format!("{first}: {error}")),
    }
}

/// Compiles `NAME.c` to `NAME` beside it, once.
pub(crate) fn compiled(name: &'static str) -> Result<(), String> {
    static COMPILED: Mutex<BTreeMap<&str, Result<(), String>>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().expect("a compiler that fails is no panic");
    compiled.entry(name).or_insert_with(|| compile(name)).clone()
}

fn compile(name: &str) -> Result<(), String> {
    let path = programs().join(name);
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-pthread", "-o"]).arg(&path).arg(path.with_extension("c"));
    let output = cc.env("PATH", PATH).output().map_err(|error| error.to_string())?;
    match output.status.success() {
        // By this name a program has the rights of its owner.
        true => {
            fs::set_permissions(&path, Permissions::from_mode(if name == "setuid" { 0o4755 } else { 0o755 }))
                .map_err(|error| error.to_string())
        }
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
