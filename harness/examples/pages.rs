//! Writes the manual pages and the completions of shells into a folder, as a package has them: `man/*.1` and
//! `completions/*`.
//!
//! ```text
//! cargo run --package whyoom --example pages -- FOLDER
//! ```

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap_complete::{Shell, generate_to};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("give a folder to write to")?;
    let (pages, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    let program = whyoom::cli::command();
    clap_mangen::generate_to(program.clone(), &pages)?;
    let name = program.get_name().to_owned();
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        generate_to(shell, &mut program.clone(), &name, &completions)?;
    }
    Ok(())
}
