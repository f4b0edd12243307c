//! Every failure mode that `lab diagnose` knows.

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
