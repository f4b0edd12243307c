//! The verdict over all modes.

use super::MODES;
use super::mode::{Mode, Status};
use super::modes::shared;
use super::rule::{Answer, Quantity, Unit, bytes};
use super::view::View;
use crate::model::record::Record;

/// What a record shows.
pub struct Diagnosis {
    /// The answer in one word.
    pub verdict: Verdict,
    /// Each mode, those that fit best first.
    pub modes: Vec<Judged>,
    /// The highest memory use, in bytes; `None` if nothing was measured.
    pub peak: Option<u64>,
}

/// How far the record leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// To one mode.
    Named,
    /// To several that it can't tell apart.
    Between,
    /// To none: nothing of the known kinds is there.
    None,
    /// Not far enough: it's too short, or too much of it couldn't be seen.
    TooLittle,
}

/// A mode, held against a record.
pub struct Judged {
    /// The mode.
    pub mode: &'static Mode,
    /// How it fits.
    pub status: Status,
    /// The result of each of its rules.
    pub answers: Vec<Answer>,
    /// The mode of which it is a consequence here, if it is.
    pub covered_by: Option<&'static str>,
    /// The finding, as a sentence, if the mode is named or possible.
    pub story: Option<String>,
    /// How much of the peak it explains, in bytes.
    pub explains: Option<u64>,
    /// The holder of the memory.
    pub holder: Option<String>,
    /// What to do next.
    pub next: Vec<String>,
}

/// A record with fewer samples than this, of the total, shows nothing.
const FEW: usize = 5;

/// Diagnoses a record. Nothing else is looked at.
pub fn diagnose(record: &Record) -> Diagnosis {
    let view = View::new(record);
    let mut modes: Vec<Judged> = MODES.iter().map(|mode| judged(mode, &view)).collect();
    let named: Vec<&'static Mode> =
        modes.iter().filter(|judged| judged.status == Status::Named).map(|judged| judged.mode).collect();
    for judged in modes.iter_mut().filter(|judged| judged.fits()) {
        if let Some(cause) = named.iter().find(|cause| cause.covers.contains(&judged.mode.id)) {
            judged.covered_by = Some(cause.id);
            judged.status = Status::Possible;
        }
    }
    // Possible causes of a mode have to be ruled out, so a gap in a record never changes a name.
    let open: Vec<&'static Mode> =
        modes.iter().filter(|judged| judged.status != Status::RuledOut).map(|judged| judged.mode).collect();
    for judged in modes.iter_mut().filter(|judged| judged.status == Status::Named) {
        if let Some(cause) = open.iter().find(|cause| cause.covers.contains(&judged.mode.id)) {
            judged.answers.push(Answer::CouldNotLook(format!("whether it follows from {}", cause.id)));
            judged.status = Status::Possible;
        }
    }
    let verdict = verdict(&modes, view.samples());
    for judged in modes.iter_mut().filter(|judged| judged.status == Status::Named) {
        // Of several, none is named.
        if verdict != Verdict::Named {
            judged.status = Status::Possible;
        }
    }
    modes.sort_by_key(|judged| match judged.status {
        Status::Named => 0,
        Status::Possible if judged.covered_by.is_none() => 1,
        Status::Possible => 2,
        Status::RuledOut | Status::Unseen => 3,
    });
    Diagnosis { verdict, modes, peak: view.peak }
}

/// A mode that may be the cause, and couldn't be checked in full, keeps another one from being named. So a gap in a
/// record never changes a name.
fn verdict(modes: &[Judged], samples: usize) -> Verdict {
    let count = |status: Status| {
        modes.iter().filter(|judged| judged.status == status && judged.covered_by.is_none()).count()
    };
    match (count(Status::Named), count(Status::Possible)) {
        (1, 0) => Verdict::Named,
        (0, 0) if samples >= FEW => Verdict::None,
        (0, 0 | 1) => Verdict::TooLittle,
        _ => Verdict::Between,
    }
}

fn judged(mode: &'static Mode, view: &View<'_>) -> Judged {
    let answers: Vec<Answer> = mode.rules.iter().map(|rule| rule.answer(view)).collect();
    let status = Status::of(&answers);
    let fits = matches!(status, Status::Named | Status::Possible);
    Judged {
        mode,
        status,
        answers,
        covered_by: None,
        story: fits.then(|| (mode.story)(view)),
        explains: (mode.explains)(view).filter(|_| fits),
        holder: (mode.holder)(view).filter(|_| fits),
        next: if fits { (mode.next)(view) } else { Vec::new() },
    }
}

impl Diagnosis {
    /// The mode that is named.
    pub fn named(&self) -> Option<&Judged> {
        self.modes.iter().find(|judged| self.verdict == Verdict::Named && judged.status == Status::Named)
    }

    /// The modes that the record can't show.
    pub fn unseen(&self) -> impl Iterator<Item = &Judged> {
        self.modes.iter().filter(|judged| judged.status == Status::Unseen)
    }

    /// How much of the peak so many bytes are, as words.
    pub(crate) fn share(&self, part: u64) -> Option<String> {
        let peak = self.peak?;
        Some(format!("{} of {}", bytes(part.min(peak)), bytes(peak)))
    }

    /// What most of the memory is, and how much, if nothing is wrong with that: a mode that does no harm, and comes
    /// to no limit.
    pub fn mostly(&self) -> Option<(&Judged, u64)> {
        let judged = self.modes.iter().rfind(|judged| judged.is_in_nobodys_way())?;
        match judged.answers.first() {
            Some(Answer::Seen(Quantity { value, unit: Unit::Bytes, .. }))
                if self.verdict == Verdict::None =>
            {
                Some((judged, *value))
            }
            _ => None,
        }
    }

    /// The modes that may be the cause, without those that follow from others.
    pub fn candidates(&self) -> impl Iterator<Item = &Judged> {
        self.modes.iter().filter(|judged| judged.fits() && judged.covered_by.is_none())
    }
}

impl Judged {
    fn fits(&self) -> bool {
        matches!(self.status, Status::Named | Status::Possible)
    }

    /// Whether all that speaks against it is that memory was far from a limit: it's there then, and in nobody's way.
    fn is_in_nobodys_way(&self) -> bool {
        self.mode.is_harmless
            && self.answers.iter().all(|answer| match answer {
                Answer::Seen(_) => true,
                Answer::NotSeen(quantity) => quantity.what == shared::AT_THE_LIMIT.what,
                Answer::CouldNotLook(_) => false,
            })
    }
}

impl Verdict {
    /// As one word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Named => "named",
            Verdict::Between => "between",
            Verdict::None => "none",
            Verdict::TooLittle => "too-little",
        }
    }
}
