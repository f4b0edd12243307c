//! The process that drives the browser: one for all trials, asked by lines of JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use libtest_mimic::Failed;
use serde_json::Value;

/// The process, and where it serves the site.
pub(crate) struct Driver {
    /// The address of the site, without a slash at its end.
    pub(crate) served: String,
    talk: Mutex<Talk>,
}

struct Talk {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts the browser, or says what this machine lacks.
    pub(crate) fn start(tests: &Path, site: &Path) -> Result<Self, String> {
        let browser = chromium().ok_or("Chromium is not installed")?;
        if !tests.join("node_modules").is_dir() {
            return Err("`npm ci` was not run in book/tests".into());
        }
        let mut child = Command::new("node")
            .arg(tests.join("browser.mjs"))
            .args([site, &browser])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node can't be started: {error}"))?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("node has no output")?);
        let mut talk = Talk { child, requests, answers };
        let ready = talk.answer()?;
        let served = ready["served"].as_str().ok_or("node has not said where it serves")?.to_owned();
        Ok(Driver { served, talk: Mutex::new(talk) })
    }

    /// Tries a case, and returns what it saw.
    ///
    /// # Errors
    ///
    /// Says how the case failed.
    pub(crate) fn ask(&self, request: &Value) -> Result<Value, Failed> {
        let mut talk =
            self.talk.lock().map_err(|_| "an earlier trial has ended in the middle of its talk")?;
        let requests = talk.requests.as_mut().ok_or("the talk is over")?;
        writeln!(requests, "{request}")?;
        let mut answer = talk.answer()?;
        match answer["failed"].as_str() {
            Some(why) => Err(format!("{}: {why}", request["url"]).into()),
            None => Ok(answer["seen"].take()),
        }
    }
}

impl Talk {
    fn answer(&mut self) -> Result<Value, String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|_| "node has ended; what it said is above".to_owned())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // With its last request it closes the browser, and ends.
        drop(self.requests.take());
        self.child.wait().ok();
    }
}

/// Where Debian and others have the browser.
fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders = std::env::var_os("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    })
}
