//! The command `whyoom`: the recorder alone, for machines without the workbook.

use std::process::ExitCode;

fn main() -> ExitCode {
    whyoom::cli::main()
}
