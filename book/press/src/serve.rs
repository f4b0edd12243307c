//! Later.
use anyhow::Result;
use std::path::Path;
pub(crate) fn serve(_: &Path, _: u16) -> Result<()> {
    Ok(())
}
