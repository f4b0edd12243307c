//! The processes' limits of setrlimit(2), and which process came nearest to each.

use labkit::sys;
use nix::sys::resource::Resource;

use crate::model::record::Rlimit;

/// One limit, and the process that came nearest to it.
pub(super) struct Nearest {
    resource: Resource,
    found: Option<Rlimit>,
}

impl Nearest {
    pub(super) fn new(resource: Resource) -> Self {
        Nearest { resource, found: None }
    }

    /// Takes in how much a process uses. Of what others use as well, the lowest limit is remembered.
    ///
    /// The limit is asked for each time: a shell sets it, and then becomes the program.
    pub(super) fn look(&mut self, pid: i32, used: impl FnOnce(u64) -> Option<u64>) {
        let Ok(Some(limit)) = sys::limit_of(pid, self.resource) else { return };
        let used = used(limit);
        if self.found.as_ref().is_none_or(|nearest| is_nearer((used, limit), (nearest.used, nearest.limit))) {
            self.found = Some(Rlimit { name: format!("{:?}", self.resource), limit, used, pid });
        }
    }

    /// The finding, if any process had such a limit.
    pub(super) fn take(&mut self) -> Option<Rlimit> {
        self.found.take()
    }
}

/// Whether the used share of its limit is larger; if nobody knows the use, whether the limit is lower.
fn is_nearer((used, limit): (Option<u64>, u64), (than, its_limit): (Option<u64>, u64)) -> bool {
    let part = |used: Option<u64>, of: u64| u128::from(used.unwrap_or(1)) * u128::from(of);
    part(used, its_limit) > part(than, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_uses_the_larger_part_is_nearer() {
        assert!(is_nearer((Some(90), 100), (Some(500), 1000)));
        assert!(!is_nearer((Some(500), 1000), (Some(90), 100)));
        assert!(is_nearer((None, 10), (None, 20)) && !is_nearer((None, 20), (None, 20)));
        assert!(is_nearer((Some(u64::MAX), u64::MAX), (Some(1), u64::MAX)));
    }
}
