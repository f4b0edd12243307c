//! What somebody predicts before a run, and how far off that was.

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
    /// Reads what was typed: a number, or the number of a choice.
    ///
    /// # Errors
    ///
    /// Says what would be an answer.
    pub(crate) fn read(typed: &str, question: &Question, scenario: &Scenario) -> Result<Self, String> {
        let typed = typed.trim();
        let choices = choices(question, scenario);
        if choices.is_empty() {
            // A unit behind the number is what the question asks for anyway.
            let number = typed.split_whitespace().next().unwrap_or_default().parse::<f64>();
            let number = number.ok().filter(|number| number.is_finite() && *number >= 0.0);
            return number.map(Guess::Number).ok_or_else(|| format!("'{typed}' is no number of 0 or more"));
        }
        let chosen = typed.parse::<usize>().ok().and_then(|place| choices.get(place.checked_sub(1)?));
        let chosen = chosen.map(|(value, _)| Guess::Choice(value.clone()));
        chosen.ok_or_else(|| format!("'{typed}' is none of 1 to {}", choices.len()))
    }

    /// How the guess stands to the truth, in sentences.
    fn against(&self, truth: &Truth) -> String {
        match (self, truth) {
            (Guess::Number(guess), Truth::Number { value, quantity }) => {
                let (said, is) = (quantity.print(*guess), quantity.print(*value));
                match guess / value {
                    _ if said == is => format!("You said {said}, and so it is."),
                    ratio if ratio.is_finite() && ratio > 1.0 => {
                        format!("You said {said}, and it is {is}: your guess is {ratio:.1} times as much.")
                    }
                    ratio if ratio.is_finite() && ratio > 0.0 => {
                        let ratio = ratio.recip();
                        format!("You said {said}, and it is {is}: that is {ratio:.1} times as much.")
                    }
                    _ => format!("You said {said}, and it is {is}."),
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

    /// The guess as a line across a picture with values of this unit; `None` where it is no such number.
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

/// The right answer and its reason, beside the guess where there is one.
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

/// What the answer to a question is counted in, for who has to type it.
pub(crate) fn asked_in(question: &Question) -> &'static str {
    match &question.answer {
        Answer::Number { measure, .. } => match measure.quantity() {
            Quantity::Mib => "in MiB",
            Quantity::Seconds => "in seconds",
            Quantity::Count | Quantity::Ratio => "a number",
        },
        Answer::Most { .. } | Answer::Least { .. } | Answer::End { .. } => "one of these",
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
            (32.0, "You said 32 MiB, and it is 640 MiB: that is 20.0 times as much."),
            (1280.0, "You said 1280 MiB, and it is 640 MiB: your guess is 2.0 times as much."),
            (0.0, "You said 0 MiB, and it is 640 MiB."),
        ] {
            assert_eq!(Guess::Number(guess).against(&truth), described);
        }
        let nothing = Truth::Number { value: 0.0, quantity: Quantity::Count };
        assert_eq!(Guess::Number(8.0).against(&nothing), "You said 8, and it is 0.");
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
