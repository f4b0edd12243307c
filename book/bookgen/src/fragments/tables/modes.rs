//! Every failure mode that `lab diagnose` knows, and how often it is right.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lab::diagnosis::MODES;

use super::{Table, code, plain};

/// A row for each mode, with the page that explains it.
pub(super) fn table() -> Table {
    let mut table = Table::new(&["Mode", "What it is", "Explained in"]);
    for mode in MODES {
        let harmless = if mode.is_harmless { " Harmless." } else { "" };
        let page = mode.chapter.trim_end_matches("/chapter").trim_start_matches("scenarios/");
        let link = format!("[{page}]({}.md)", mode.chapter);
        table.row([code(mode.id), plain(format!("{}{harmless}", mode.says)), link]);
    }
    table
}

/// Where the test of the diagnosis writes what was said of which programs.
const RESULT: &str = "harness/results/diagnosis.md";

/// The confusion matrix.
///
/// # Errors
///
/// When it isn't there, with what to type.
pub(super) fn matrix(root: &Path) -> Result<String> {
    let path = root.join(RESULT);
    fs::read_to_string(&path)
        .with_context(|| format!("{}: type LAB_WRITE_MATRIX=1 cargo test --test diagnosis", path.display()))
}
