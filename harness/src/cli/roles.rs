//! The hidden roles: `lab` starts itself again as the supervisor and the init of a sandbox.

use anyhow::Result;

use crate::sandbox::{self, init, supervisor};

/// Plays the role that the first argument names; `None` if it names none.
pub(super) fn run() -> Option<Result<u8>> {
    let role = std::env::args_os().nth(1)?;
    let role: fn() -> Result<()> = match role.to_str()? {
        sandbox::SUPERVISOR => supervisor::run,
        sandbox::INIT => init::run,
        _ => return None,
    };
    Some(role().map(|()| 0))
}
