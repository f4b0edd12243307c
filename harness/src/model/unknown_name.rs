//! The answer to a name that doesn't exist.

use std::fmt;

/// A name that doesn't exist, and those that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The kind of thing, such as `variant of slice-dup`.
    pub what: String,
    /// The name that was asked for.
    pub name: String,
    /// The names that exist.
    pub known: Vec<String>,
}

impl std::error::Error for UnknownName {}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} is called '{}'", self.what, self.name)?;
        if let Some(near) = nearest(&self.name, &self.known) {
            write!(f, "; did you mean '{near}'?")?;
        }
        match self.known.as_slice() {
            [] => write!(f, " (there is none)"),
            known => write!(f, " (there is: {})", known.join(", ")),
        }
    }
}

/// The known name that is most like `name`; `None` when none is like it.
pub(crate) fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, known: &[&str]) -> String {
        let known = known.iter().map(|&name| name.to_owned()).collect();
        UnknownName { what: "variant".into(), name: name.into(), known }.to_string()
    }

    #[test]
    fn a_near_miss_is_answered_with_the_nearest_name() {
        assert_eq!(
            message("fxied", &["broken", "fixed"]),
            "no variant is called 'fxied'; did you mean 'fixed'? (there is: broken, fixed)"
        );
    }

    #[test]
    fn a_name_unlike_all_others_is_answered_with_the_list_alone() {
        assert_eq!(message("threads", &["broken"]), "no variant is called 'threads' (there is: broken)");
        assert_eq!(message("threads", &[]), "no variant is called 'threads' (there is none)");
    }
}
