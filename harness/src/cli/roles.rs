//! The hidden roles: `lab` starts itself again as the supervisor and the init of a sandbox.

use anyhow::{Context, Result};

use crate::sandbox::{self, init, supervisor};

/// Plays the role that the first argument names; `None` if it names none.
pub(super) fn run() -> Option<Result<u8>> {
    let role = std::env::args_os().nth(1)?;
    let role: fn(&sandbox::Spec) -> Result<()> = match role.to_str()? {
        sandbox::SUPERVISOR => supervisor::run,
        sandbox::INIT => init::run,
        _ => return None,
    };
    Some(spec().and_then(|spec| role(&spec)).map(|()| 0))
}

fn spec() -> Result<sandbox::Spec> {
    let text = std::env::args().nth(2).context("a role without a sandbox")?;
    serde_json::from_str(&text).context("the sandbox of a role")
}
