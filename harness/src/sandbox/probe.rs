//! What the machine allows, found out by trying it.

use anyhow::{Error, Result, anyhow};
use nix::unistd::{AccessFlags, eaccess};

use super::cgroup::{Bounds, CgroupParent};
use super::namespace::Namespaces;
use super::running::Running;
use super::spec::Spec;

/// Runs a program that does nothing in namespaces like these.
///
/// # Errors
///
/// Names the refusal.
pub(crate) fn namespaces(namespaces: Namespaces) -> Result<()> {
    Running::start(&Spec::of_nothing(namespaces))?.end();
    Ok(())
}

/// The control group of this process, if one with a memory limit can be made below it.
///
/// # Errors
///
/// Says why not.
pub(crate) fn cgroup() -> Result<CgroupParent> {
    let mut refusal = anyhow!("no hierarchy of control groups with a memory controller is mounted");
    for place in CgroupParent::candidates()? {
        // Without this right there's nothing to try, and most users haven't got it.
        if let Err(error) = eaccess(&place.home, AccessFlags::W_OK | AccessFlags::X_OK) {
            refusal = Error::new(error).context(format!("a folder in {}", place.home.display()));
            continue;
        }
        let bounds = Bounds { memory: Some(1 << 30), kills_all: true };
        let cgroup = Some((place.clone(), bounds));
        // A supervisor does it, so that the group goes even if this process is killed meanwhile.
        match Running::start(&Spec { cgroup, ..Spec::of_nothing(Namespaces::None) }) {
            Ok(running) => {
                running.end();
                return Ok(place);
            }
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}
