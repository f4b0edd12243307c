//! The names of a scenario.toml: where they are defined once, and where they are referred to.

use toml::Spanned;

use super::flaw::{Flaw, flaw};
use crate::diagnosis::{MODES, Mode};
use crate::model::UnknownName;
use crate::model::metric::Metric;
use crate::recorder::metrics;

/// A name, with its place in the file.
pub(super) type Name = Spanned<String>;

/// The names that a scenario defines, for those who refer to them.
pub(super) struct Names {
    pub(super) sizes: Vec<String>,
    pub(super) marks: Vec<String>,
    pub(super) variants: Vec<String>,
}

impl Names {
    pub(super) fn size(&self, name: &Name) -> Result<String, Flaw> {
        known("size", name, &self.sizes)
    }

    pub(super) fn mark(&self, name: &Name) -> Result<String, Flaw> {
        known("mark", name, &self.marks)
    }

    pub(super) fn variant(&self, name: &Name) -> Result<String, Flaw> {
        known("variant", name, &self.variants)
    }

    /// Two marks of which the first comes first.
    pub(super) fn span(&self, from: &Name, to: &Name) -> Result<(String, String), Flaw> {
        let place = |name: &str| self.marks.iter().position(|mark| mark == name);
        let (begin, end) = (self.mark(from)?, self.mark(to)?);
        if place(&begin) >= place(&end) {
            return flaw(
                to.span(),
                format!("'{end}' doesn't come after '{begin}' (marks in order: {})", self.marks.join(", ")),
            );
        }
        Ok((begin, end))
    }
}

pub(super) fn metric(name: &Name) -> Result<&'static Metric, Flaw> {
    let names: Vec<String> = metrics::all().map(|metric| metric.name.to_owned()).collect();
    let name = known("metric", name, &names)?;
    Ok(metrics::find(&name).expect("the name is one of theirs"))
}

pub(super) fn mode(name: &Name) -> Result<&'static Mode, Flaw> {
    let ids: Vec<String> = MODES.iter().map(|mode| mode.id.to_owned()).collect();
    let id = known("failure mode", name, &ids)?;
    Ok(Mode::find(&id).expect("the name is one of theirs"))
}

/// The name, if it is one of the known ones.
pub(super) fn known(what: &str, name: &Name, known: &[String]) -> Result<String, Flaw> {
    if known.contains(name.get_ref()) {
        return Ok(name.get_ref().clone());
    }
    let missing = UnknownName { what: what.to_owned(), name: name.get_ref().clone(), known: known.to_vec() };
    flaw(name.span(), missing.to_string())
}

/// The names, if no two are the same.
pub(super) fn all_different<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Name>,
) -> Result<Vec<String>, Flaw> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if seen.contains(name.get_ref()) {
            let taken = seen.join(", ");
            return flaw(
                name.span(),
                format!("a second {what} is called '{}' (taken so far: {taken})", name.get_ref()),
            );
        }
        seen.push(name.get_ref().clone());
    }
    Ok(seen)
}
