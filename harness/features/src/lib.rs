//! Everything of labkit, which has no features to ask for: Cargo.toml says what this package is for.

pub use labkit::*;
