//! The command `lab`: the recorder, and all that the workbook needs.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::main()
}
