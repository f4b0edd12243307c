//! Whether the run has to end because it takes too much: the watchdog's view of the last samples.

use super::members::Members;
use super::source::Latest;
use super::sources::{self, ANON, AVAILABLE, ELSEWHERE, PROCESSES, SHMEM, SYSV_SHM, TMPFS};
use crate::model::record::Limits;
use crate::sandbox::Running;
use crate::sandbox::watchdog::{Reason, Use, Watchdog};

/// The watchdog of a run, and which of the run's memory it counts.
pub(super) struct Watch {
    watchdog: Option<Watchdog>,
    has_own_shm: bool,
    has_group: bool,
}

impl Watch {
    pub(super) fn new(limits: &Limits, running: &Running) -> Self {
        let (has_own_shm, has_group) = (running.shm.is_some(), running.cgroup.is_some());
        Watch { watchdog: Watchdog::of(limits), has_own_shm, has_group }
    }

    /// Whether nobody else holds the run to its limits.
    pub(super) fn is_alone(&self) -> bool {
        self.watchdog.is_some() && !self.has_group
    }

    /// Why the run must end, if it must.
    pub(super) fn look(&self, latest: &Latest, members: &mut Members) -> Option<Reason> {
        let watchdog = self.watchdog.as_ref()?;
        let starves = || latest.find(&AVAILABLE).and_then(|available| watchdog.host_starves(available));
        let too_much = || {
            // What others have in the machine's shared memory isn't the run's: of that, only the files that
            // its own processes hold open count.
            let own = if self.has_own_shm { latest.get(&TMPFS) } else { 0 };
            let files = own + latest.get(&ELSEWHERE) + latest.get(&SYSV_SHM);
            let sums = Use { files, anon: latest.get(&ANON), mapped: latest.get(&SHMEM) };
            watchdog.too_much(sums, || {
                let (anon, mapped) = sources::proportional(members)?;
                Some(Use { files, anon, mapped })
            })
        };
        let too_many = || watchdog.too_many(latest.get(&PROCESSES)).map(Reason::from);
        starves().map(Reason::from).or_else(too_much).or_else(too_many)
    }
}
