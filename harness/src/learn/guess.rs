//! A prediction before a run, and how far off it was.

use crate::chart::Level;
use crate::learn::predict::{Prediction, Truth, choices};
use crate::model::metric::Unit;
use crate::scenario::{Answer, Quantity, Question, Scenario};

/// A prediction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Guess {
    /// A number, in the unit of the quantity that is asked for.
    Number(f64),
    /// One of several, by its value for programs.
    Choice(String),
}

impl Guess {
    /// Reads the typed answer: a number, or a choice by its place, its word or its text.
    ///
    /// # Errors
    ///
    /// Says what would be an answer.
    pub(crate) fn read(typed: &str, question: &Question, scenario: &Scenario) -> Result<Self, String> {
        let typed = typed.trim();
        let choices = choices(question, scenario);
        if let Answer::Number { measure, .. } = &question.answer {
            return number(typed, measure.quantity()).map(Guess::Number);
        }
        chosen(typed, &choices).map(|value| Guess::Choice(value.to_owned())).ok_or_else(|| {
            let values: Vec<&str> = choices.iter().map(|(value, _)| value.as_str()).collect();
            format!("'{typed}' isn't one of these: type 1 to {}, or {}", values.len(), values.join(", "))
        })
    }

    /// How the guess stands to the truth, in sentences.
    fn against(&self, truth: &Truth) -> String {
        match (self, truth) {
            (Guess::Number(guess), Truth::Number { value, quantity }) => {
                let (said, is) = (quantity.print(*guess), quantity.print(*value));
                let ratio = guess / value;
                let apart = times(ratio.max(ratio.recip()));
                match apart {
                    _ if said == is => format!("You said {said}, and so it is."),
                    Some(apart) if ratio > 1.0 => {
                        format!("You said {said}, and it is {is}: your guess is {apart} as much.")
                    }
                    Some(apart) => format!("You said {said}, and it is {is}: that is {apart} as much."),
                    None => format!("You said {said}, and it is {is}."),
                }
            }
            (Guess::Choice(guess), Truth::Choice { right, .. }) if guess == right => {
                format!("You were right: {}", sentence(truth))
            }
            (Guess::Choice(guess), Truth::Choice { among, .. }) => {
                let said = among.iter().find(|(value, _)| value == guess).map_or(guess, |(_, words)| words);
                format!("You said: {} It is: {}", sentence(said), sentence(truth))
            }
            _ => format!("It is: {}", sentence(truth)),
        }
    }

    /// The guess as a line across a picture with values of this unit; `None` if it isn't such a number.
    pub(crate) fn level(&self, question: &Question, unit: Unit) -> Option<Level> {
        let (Guess::Number(guess), Answer::Number { measure, .. }) = (self, &question.answer) else {
            return None;
        };
        let value = match (measure.quantity(), unit) {
            (Quantity::Mib, Unit::Bytes) => guess * f64::from(1 << 20),
            (Quantity::Count, Unit::Count) => *guess,
            (Quantity::Seconds, Unit::Microseconds) => guess * 1e6,
            _ => return None,
        };
        Some(Level { label: "your guess".into(), value: value as u64 })
    }
}

/// A number of 0 or more, in the unit of the quantity. A size may have another unit behind it.
fn number(typed: &str, quantity: Quantity) -> Result<f64, String> {
    let end = typed.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(typed.len());
    let (digits, unit) = typed.split_at(end);
    // A comma parts the thousands, as where the answer is described.
    let number = digits.replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| format!("'{typed}' isn't a number of 0 or more"))?;
    let scale = match (quantity, unit.trim().to_ascii_lowercase().as_str()) {
        (Quantity::Mib, "k" | "kb" | "kib") => 1.0 / 1024.0,
        (Quantity::Mib, "g" | "gb" | "gib") => 1024.0,
        (Quantity::Seconds, "ms" | "milliseconds") => 1e-3,
        // It may name the counted thing, as in `8 files`.
        _ => 1.0,
    };
    Ok(number * scale)
}

/// The value of the choice that was typed: by its place from 1 on, by its value, or by the beginning of its
/// text, where no other begins so.
fn chosen<'a>(typed: &str, choices: &'a [(String, String)]) -> Option<&'a str> {
    let plain = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
    let wanted = plain(typed);
    let place = wanted.parse::<usize>().ok().and_then(|place| choices.get(place.checked_sub(1)?));
    let named = choices.iter().find(|(value, _)| plain(value) == wanted);
    let mut begun = choices.iter().filter(|(_, text)| !wanted.is_empty() && plain(text).starts_with(&wanted));
    let alone = begun.next().filter(|_| begun.next().is_none());
    place.or(named).or(alone).map(|(value, _)| value.as_str())
}

/// A ratio of 1 or more in words, no more exact than anybody would say it; `None` if it's nothing to speak of.
fn times(ratio: f64) -> Option<String> {
    match ratio {
        _ if !ratio.is_finite() || ratio < 1.05 => None,
        _ if ratio > 1e6 => Some("more than a million times".into()),
        _ if ratio < 9.95 => Some(format!("{} times", format!("{ratio:.1}").trim_end_matches(".0"))),
        _ => {
            // Two digits, as people do.
            let place = 10_u64.pow(ratio.log10() as u32 - 1);
            let rounded = (ratio / place as f64).round() as u64 * place;
            let about = if rounded as f64 == ratio { "" } else { "about " };
            Some(format!("{about}{} times", parted(rounded)))
        }
    }
}

/// A number with a comma between each three digits.
fn parted(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (first, others) = digits.split_at(first);
    let groups = others.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let groups = Some(first.to_owned()).filter(|first| !first.is_empty()).into_iter().chain(groups);
    groups.collect::<Vec<_>>().join(",")
}

/// The right answer and its reason, next to the guess if there is one.
pub(crate) fn describe(guess: Option<&Guess>, right: &Prediction) -> String {
    let truth = &right.truth;
    let stands = guess.map_or_else(|| format!("It is: {}", sentence(truth)), |guess| guess.against(truth));
    // A reason that begins with the answer, for pages on which nothing stands before it.
    let because = right.because.strip_prefix(&truth.to_string()).unwrap_or(&right.because);
    format!("{stands} {}", because.trim_start_matches(['.', ' ']))
}

/// With one stop at its end.
fn sentence(text: impl ToString) -> String {
    format!("{}.", text.to_string().trim_end_matches('.'))
}

/// The unit of the answer to a question, for the one who types it.
pub(crate) fn asked_in(question: &Question) -> &'static str {
    match &question.answer {
        Answer::Number { measure, .. } => match measure.quantity() {
            Quantity::Mib => "in MiB",
            Quantity::Seconds => "in seconds",
            Quantity::Count | Quantity::Ratio => "a number",
        },
        Answer::Most { .. } | Answer::Least { .. } | Answer::End { .. } => "one of these, by number or word",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_described_with_how_far_off_it_is() {
        let truth = Truth::Number { value: 640.0, quantity: Quantity::Mib };
        for (guess, described) in [
            (640.0, "You said 640 MiB, and so it is."),
            (32.0, "You said 32 MiB, and it is 640 MiB: that is 20 times as much."),
            (1280.0, "You said 1280 MiB, and it is 640 MiB: your guess is 2 times as much."),
            (250.0, "You said 250 MiB, and it is 640 MiB: that is 2.6 times as much."),
            (639.0, "You said 639 MiB, and it is 640 MiB."),
            (0.0986, "You said 0.10 MiB, and it is 640 MiB: that is about 6,500 times as much."),
            (
                1e9,
                "You said 976562.50 GiB, and it is 640 MiB: your guess is more than a million times as much.",
            ),
            (0.0, "You said 0 MiB, and it is 640 MiB."),
        ] {
            assert_eq!(Guess::Number(guess).against(&truth), described);
        }
        let nothing = Truth::Number { value: 0.0, quantity: Quantity::Count };
        assert_eq!(Guess::Number(8.0).against(&nothing), "You said 8, and it is 0.");
    }

    #[test]
    fn a_number_may_have_a_unit_and_commas() {
        for (typed, quantity, number) in [
            ("640", Quantity::Mib, 640.0),
            ("640 MiB", Quantity::Mib, 640.0),
            ("1.5GiB", Quantity::Mib, 1536.0),
            ("512 k", Quantity::Mib, 0.5),
            ("6,500 files", Quantity::Count, 6500.0),
            ("200 ms", Quantity::Seconds, 0.2),
        ] {
            assert_eq!(super::number(typed, quantity), Ok(number), "{typed}");
        }
        for typed in ["much", "", "-3", "1.2.3", "MiB"] {
            assert!(super::number(typed, Quantity::Mib).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_choice_is_named_by_its_place_its_word_or_its_text() {
        let choices = [
            ("well", "It does its work and ends."),
            ("oom", "The kernel kills it, because its memory is used up."),
            ("hang", "It waits forever."),
        ];
        let choices = choices.map(|(value, text)| (value.to_owned(), text.to_owned()));
        for (typed, value) in [
            ("2", Some("oom")),
            ("oom", Some("oom")),
            ("OOM", Some("oom")),
            ("the kernel kills it", Some("oom")),
            ("It waits forever.", Some("hang")),
            ("It", None),
            ("0", None),
            ("4", None),
            (".", None),
            ("dunno", None),
        ] {
            assert_eq!(chosen(typed, &choices), value, "{typed}");
        }
    }

    #[test]
    fn a_choice_is_right_or_described_beside_the_right_one() {
        let among = [("well", "It ends."), ("hang", "It waits forever.")];
        let among = among.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
        let truth = Truth::Choice { among, right: "hang".into() };
        let described = |choice: &str| Guess::Choice(choice.into()).against(&truth);
        assert_eq!(described("hang"), "You were right: It waits forever.");
        assert_eq!(described("well"), "You said: It ends. It is: It waits forever.");
    }

    #[test]
    fn an_answer_is_stated_once() {
        let among = vec![("threads".to_owned(), "threads: no copies".to_owned())];
        let truth = Truth::Choice { among, right: "threads".into() };
        let because = "threads: no copies. They share one heap.".to_owned();
        let right = Prediction { asks: "Which?".into(), truth, because };
        assert_eq!(describe(None, &right), "It is: threads: no copies. They share one heap.");
        let guess = Guess::Choice("threads".into());
        assert_eq!(
            describe(Some(&guess), &right),
            "You were right: threads: no copies. They share one heap."
        );
    }
}
