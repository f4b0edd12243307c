//! The lesson: `broken` against `fixed`, line by line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use lab::scenario::Kind;
use similar::{ChangeTag, TextDiff};

use crate::workbook::Lesson;

/// The first variant that is broken, and the first that is fixed.
pub(super) struct Pair {
    names: [String; 2],
    texts: [String; 2],
}

impl Pair {
    /// Reads both.
    ///
    /// # Errors
    ///
    /// Names the file that can't be read, or the kind that the scenario lacks.
    pub(super) fn of(root: &Path, lesson: &Lesson) -> Result<Self> {
        let [(broken, old), (fixed, new)] =
            [source(root, lesson, Kind::Broken)?, source(root, lesson, Kind::Fixed)?];
        Ok(Pair { names: [broken, fixed], texts: [old, new] })
    }

    /// Their difference with the lines around it.
    pub(super) fn diff(&self) -> String {
        let [broken, fixed] = &self.names;
        self.compared().unified_diff().context_radius(3).header(broken, fixed).to_string()
    }

    /// The lines alone that come and go.
    pub(super) fn changed(&self) -> String {
        let diff = self.compared();
        let changes = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
        changes.map(|change| format!("{}{change}", change.tag())).collect()
    }

    fn compared(&self) -> TextDiff<'_, '_, str> {
        let [old, new] = &self.texts;
        TextDiff::from_lines(old, new)
    }
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
