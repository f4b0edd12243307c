//! Which processes of a control group may be moved: those that `lab` was started by, its own, and those that were
//! started later by the former.

use std::path::Path;

use anyhow::{Result, bail};
use procfs::process::Process;

use super::processes::ancestry;
use crate::name::program;

/// The processes of a group, all of which are kin of `lab`, this process's parent.
///
/// # Errors
///
/// Names one that isn't. To move it isn't `lab`'s business.
pub(super) fn all_in(group: &Path, procs: &[i32]) -> Result<()> {
    let own = ancestry(std::process::id().cast_signed());
    for &pid in procs {
        let is_kin = is_kin(pid, &own, procs);
        if !is_kin && pid != 0 && Process::new(pid).is_err() {
            // It has ended meanwhile.
            continue;
        }
        if !is_kin {
            let name = Process::new(pid).and_then(|process| process.stat()).map(|stat| stat.comm);
            bail!(
                "other processes, such as {pid} ({}), are in the control group {} that {} was started in, so \
                 none can be made below it",
                name.unwrap_or_else(|_| "of another pid namespace".into()),
                group.display(),
                program()
            );
        }
    }
    Ok(())
}

/// Whether a process of the group with these processes is kin of `lab`, which comes second in its own ancestry.
fn is_kin(pid: i32, own: &[i32], procs: &[i32]) -> bool {
    let line = ancestry(pid);
    let Some(&lab) = own.get(1) else { return own.contains(&pid) };
    own.contains(&pid) || line.contains(&lab) || {
        // The process that started lab is moved, so anything it starts a moment later is there too. It makes no
        // difference if that comes a moment earlier: a shell that waits may run one `sleep` after the other.
        let by_an_ancestor = line.iter().any(|one| own.contains(one) && procs.contains(one));
        by_an_ancestor && begin(pid).zip(begin(lab)).is_some_and(|(its, labs)| its > labs)
    }
}

/// When a process was started, in ticks of the kernel's clock.
fn begin(pid: i32) -> Option<u64> {
    Some(Process::new(pid).ok()?.stat().ok()?.starttime)
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    /// A child of this process that was started at least one tick after another.
    fn after(other: Option<&Child>) -> Child {
        loop {
            let mut child = Command::new("sleep").arg("600").spawn().unwrap();
            let is_later = |other: &Child| begin(pid(&child)) > begin(pid(other));
            if other.is_none_or(is_later) {
                return child;
            }
            end(&mut child);
        }
    }

    fn pid(child: &Child) -> i32 {
        child.id().cast_signed()
    }

    fn end(child: &mut Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn what_the_caller_started_later_is_kin_and_what_ran_before_is_not() {
        let caller = std::process::id().cast_signed();
        let mut before = after(None);
        let mut lab = after(Some(&before));
        let mut later = after(Some(&lab));
        // A supervisor that has ended is enough.
        let own = [i32::MAX, pid(&lab), caller];
        let procs = [caller, pid(&before), pid(&lab), pid(&later)];
        let kin = procs.map(|pid| is_kin(pid, &own, &procs));
        // An ancestor in another group stays there, and so does what it starts.
        let is_elsewhere = is_kin(pid(&later), &own, &procs[1..]);
        [&mut before, &mut lab, &mut later].into_iter().for_each(end);
        assert_eq!((kin, is_elsewhere), ([true, false, true, true], false));
    }
}
