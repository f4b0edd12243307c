//! Which processes of a control group may be moved: those that `lab` was started by, and its own.

use std::path::Path;

use anyhow::{Result, bail};
use procfs::process::Process;

use super::processes::ancestry;

/// The processes of a group, all of which are ancestors or descendants of `lab`, this process's parent.
///
/// # Errors
///
/// Names one that is neither. To move it is not `lab`'s business.
pub(super) fn all_in(group: &Path, procs: &[i32]) -> Result<()> {
    let own = ancestry(std::process::id().cast_signed());
    let lab = own.get(1).copied();
    for &pid in procs {
        let is_kin = own.contains(&pid) || lab.is_some_and(|lab| ancestry(pid).contains(&lab));
        if !is_kin && pid != 0 && Process::new(pid).is_err() {
            // It has ended meanwhile.
            continue;
        }
        if !is_kin {
            let name = Process::new(pid).and_then(|process| process.stat()).map(|stat| stat.comm);
            bail!(
                "other processes, such as {pid} ({}), are in the control group {} that lab was started in, so \
                 none can be made below it",
                name.unwrap_or_else(|_| "of another pid namespace".into()),
                group.display()
            );
        }
    }
    Ok(())
}
