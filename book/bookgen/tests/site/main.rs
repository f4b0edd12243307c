//! The book as a reader gets it: `bookgen` builds it in a copy of the repository, and the pages are
//! read with a parser of HTML.

mod copy;
mod page;
mod pages;
mod reader;
mod refusals;
mod runs;
mod server;
