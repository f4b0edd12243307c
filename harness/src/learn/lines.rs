//! The line of a source that a measured number comes from, if it can be found.
//!
//! A program says where it is and what it did by calls that name a phase or a fact in quotes. So the text has the
//! line of such a call, and no program has to report more than it does already.

/// The line, from 1 on, that states this fact or announces this phase.
pub(crate) fn stating(source: &str, name: &str) -> Option<usize> {
    let quoted = format!("\"{name}\"");
    let says = |line: &str| !line.trim_start().starts_with("//") && line.contains(&quoted);
    source.lines().position(says).map(|at| at + 1)
}

/// The phase in which the program states something on this line of its source: the one of `marks` that is
/// announced last before that line.
pub(crate) fn phase_of<'a>(source: &str, line: usize, marks: &'a [String]) -> Option<&'a str> {
    let before = |name: &str| stating(source, name).filter(|at| *at < line);
    let phases = marks.iter().filter_map(|name| Some((before(name)?, name.as_str())));
    phases.max().map(|(_, name)| name)
}

/// The place that a panic names in what the program printed: a line of the file `name`.
pub(crate) fn panicked(output: &str, name: &str) -> Option<usize> {
    let rest = output.split_once(&format!("panicked at {name}:"))?.1;
    rest.split(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn run() {\n    // It says \"begin\".\n    bench.mark(\"begin\");\n    bench.fact(\"files\", 7);\n}\n";

    #[test]
    fn a_line_is_found_by_what_it_states_and_a_comment_states_nothing() {
        assert_eq!(stating(SOURCE, "begin"), Some(3));
        assert_eq!(stating(SOURCE, "files"), Some(4));
        assert_eq!(stating(SOURCE, "file"), None);
        let marks = ["begin", "end"].map(str::to_owned);
        assert_eq!(phase_of(SOURCE, 4, &marks), Some("begin"));
        assert_eq!(phase_of(SOURCE, 3, &marks), None);
    }

    #[test]
    fn a_panic_tells_its_line() {
        let output = "thread 'main' panicked at my/toy/exercise.rs:31:9:\nno";
        assert_eq!(panicked(output, "my/toy/exercise.rs"), Some(31));
        assert_eq!(panicked(output, "my/toy/other.rs"), None);
    }
}
