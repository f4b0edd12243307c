//! The result of a claim: it holds, it fails, or nobody can say.

/// The claim that every run makes without saying so: it ends as its variant is expected to end.
pub const ENDS: &str = "ends";

/// The claim that every run that exited with 0 makes without saying so: it did the same work as the others.
pub const WORK: &str = "work";

/// The fact that every variant states: the proof of its work.
pub(crate) const CHECKSUM: &str = "checksum";

/// The result of one claim for one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The name of the claim: one of the scenario's, or one that every run makes.
    pub claim: String,
    /// What the claim says, as a sentence.
    pub says: String,
    /// The variant that was run.
    pub variant: String,
    /// Whether it holds.
    pub status: Status,
    /// The measured value, in the unit of the measure; `None` if it isn't a number or is unavailable.
    pub measured: Option<f64>,
    /// The measured value, with its unit, or the finding instead.
    pub measured_text: String,
    /// The number that it is compared with, in the same unit; if there is one.
    pub bound: Option<f64>,
    /// What it must be, as arithmetic.
    pub bound_text: String,
    /// What the post reports.
    pub post: Option<String>,
    /// Where it happened, or what the verdict rests on, in sentences.
    pub hint: Option<String>,
}

/// Whether a claim holds, the worst last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It holds.
    Holds,
    /// It couldn't be seen whether it holds, and why.
    Unknown(String),
    /// It doesn't hold.
    Fails,
}

impl Status {
    /// The status as one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Holds => "holds",
            Status::Fails => "fails",
            Status::Unknown(_) => "unknown",
        }
    }

    /// The exit code of `lab`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Status::Holds => 0,
            Status::Fails => 1,
            Status::Unknown(_) => 2,
        }
    }
}

/// The worst of the verdicts. Where nothing was judged, nothing is known.
pub(crate) fn overall(verdicts: &[Verdict]) -> Status {
    let worst = verdicts.iter().map(|verdict| &verdict.status).max();
    worst.cloned().unwrap_or_else(|| Status::Unknown("nothing was judged".into()))
}
