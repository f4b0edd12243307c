//! The lines of a program on its channel; [`labkit::channel`] documents the protocol.

/// One line that means something.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    Mark(String),
    Done(u64),
    Wait,
    /// Its name, its value, and the source file that states it.
    Fact(String, u64, Option<String>),
    Fail(i32, String),
}

/// Longer names aren't names, and a terminal has no room for them.
const MAX_NAME: usize = 80;

/// Reads one line; `None` if it isn't a message.
pub(super) fn parse(line: &str) -> Option<Message> {
    if line == "wait" {
        return Some(Message::Wait);
    }
    let (word, rest) = line.split_once(' ')?;
    match word {
        "mark" => Some(Message::Mark(name(rest)?)),
        "done" => Some(Message::Done(rest.parse().ok()?)),
        "fact" => {
            let (fact, value) = rest.split_once(' ')?;
            let (value, file) = match value.split_once(' ') {
                Some((value, file)) => (value, Some(path(file)?)),
                None => (value, None),
            };
            Some(Message::Fact(name(fact)?, value.parse().ok()?, file))
        }
        "fail" => {
            let (errno, text) = rest.split_once(' ')?;
            Some(Message::Fail(errno.parse().ok()?, text.chars().filter(|c| !c.is_control()).collect()))
        }
        _ => None,
    }
}

/// A name of reasonable length and without control characters, which could move a terminal's cursor.
fn name(text: &str) -> Option<String> {
    let good = !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

/// The path of a file, without control characters either.
fn path(text: &str) -> Option<String> {
    let good = !text.is_empty() && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_five_words_are_understood() {
        assert_eq!(parse("mark array made"), Some(Message::Mark("array made".into())));
        assert_eq!(parse("done 7"), Some(Message::Done(7)));
        assert_eq!(parse("wait"), Some(Message::Wait));
        assert_eq!(parse("fact files_written 160"), Some(Message::Fact("files_written".into(), 160, None)));
        let file = Some("my files/exercise.rs".to_owned());
        assert_eq!(parse("fact files 7 my files/exercise.rs"), Some(Message::Fact("files".into(), 7, file)));
        assert_eq!(parse("fail 28 writing a file"), Some(Message::Fail(28, "writing a file".into())));
    }

    #[test]
    fn anything_else_is_no_message() {
        for line in [
            "",
            "mark",
            "mark ",
            "done",
            "done x",
            "done -1",
            "fact a",
            "fact a b",
            "fact a b src/setup.rs",
            "fact a 7 ",
            "hello there",
            "mark \u{1b}[2J",
        ] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in ".*") {
            let _ = parse(&line);
        }
    }
}
