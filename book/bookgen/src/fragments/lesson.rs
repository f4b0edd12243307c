//! The lesson: `broken` against `fixed`, line by line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lab::scenario::Kind;
use similar::TextDiff;

use crate::workbook::Lesson;

/// The difference between the first variant that is broken and the first that is fixed.
pub(super) fn diff(root: &Path, lesson: &Lesson) -> Result<String> {
    let [(broken, old), (fixed, new)] =
        [source(root, lesson, Kind::Broken)?, source(root, lesson, Kind::Fixed)?];
    let diff = TextDiff::from_lines(&old, &new);
    Ok(diff.unified_diff().context_radius(3).header(&broken, &fixed).to_string())
}

/// The name and the text of the file of the first variant of this kind.
fn source(root: &Path, lesson: &Lesson, kind: Kind) -> Result<(String, String)> {
    let scenario = &lesson.scenario;
    let variant = scenario.variants.iter().find(|variant| variant.kind == kind);
    let variant = variant.with_context(|| format!("{} has no variant that is {kind:?}", scenario.slug))?;
    let name = format!("{}.rs", variant.name.replace('-', "_"));
    let path = root.join("scenarios").join(&scenario.slug).join("src").join(&name);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok((name, text))
}
