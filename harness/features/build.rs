//! There must be a build script for build dependencies to be asked for.

fn main() {}
