//! `bookgen`: makes the book from the records.
//!
//! ```text
//! records -> fragments (figures, tables, numbers) -> mdBook includes them -> pages in target/book
//! ```
//!
//! Fragments are committed, so that an installed mdBook makes the same pages without `bookgen`, and
//! so that a change of a record is seen as a change of what the book says.

mod fragments;
mod includes;
mod own;
mod serve;
mod site;
mod soak;
mod workbook;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use lab::screen::print;

use crate::workbook::Workbook;

/// Makes the book from the records.
#[derive(Debug, Parser)]
#[command(name = "bookgen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the fragments that pages include: figures, tables and numbers, from the records
    Fragments,
    /// Build the site into target/book; fails where a fragment is missing or stale
    Build,
    /// Build the site, serve it to this machine alone, and build it again on each change
    Serve {
        /// The port; 0 for any that is free
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
}

fn main() -> ExitCode {
    match command(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bookgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(command: Command) -> Result<()> {
    let root = lab::store::root()?;
    match command {
        Command::Fragments => {
            let changed = fragments::write(&Workbook::open(&root)?)?;
            let changed = changed.iter().map(|path| format!("{}\n", path.display()));
            print(&changed.collect::<String>());
            Ok(())
        }
        Command::Build => {
            let index = site::build(&root)?;
            print(&format!("The book is ready: {}\n", index.display()));
            Ok(())
        }
        Command::Serve { port } => serve::serve(&root, port),
    }
}
