//! The cause that ended a run.

use crate::model::outcome::Evidence;
use crate::sandbox::Report;
use crate::sandbox::watchdog::Reason;

/// What ended the run, before the evidence is weighed.
pub(super) enum Ending {
    /// Init's last report, or none when init itself was killed.
    Reported(Option<Report>),
    /// A process that wasn't ours to wait for is gone.
    Gone,
    TimedOut,
    /// The run makes no progress any more, with the evidence.
    Hangs(Evidence),
    Interrupted,
    /// The watchdog's reason.
    Watchdog(Reason),
}
