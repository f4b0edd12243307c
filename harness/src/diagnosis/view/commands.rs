//! Commands to run next, with the user's own in them.

use super::View;
use crate::diagnosis::rule::MIB;
use crate::name::program;

impl View<'_> {
    /// The user's command, as a shell takes it.
    pub(in crate::diagnosis) fn command(&self) -> String {
        match &self.record.header.command {
            Some(command) => command_line(command.words.iter().map(String::as_str)),
            None => "COMMAND".to_owned(),
        }
    }

    /// The same, recorded.
    pub(in crate::diagnosis) fn recorded(&self) -> String {
        format!("{} record -- {}", program(), self.command())
    }

    /// The same, recorded with these options.
    pub(in crate::diagnosis) fn record_with(&self, options: &str) -> String {
        format!("{} record {options} -- {}", program(), self.command())
    }

    /// The same, in an environment with this in it.
    pub(in crate::diagnosis) fn record_under(&self, variable: &str) -> String {
        format!("{variable} {}", self.recorded())
    }

    /// The memory that the program needs and that can't be dropped, plus a fifth of it as a margin, in MiB. Page
    /// cache doesn't count.
    pub(in crate::diagnosis) fn need(&self) -> Option<u64> {
        let peak = |name: &str| self.record.peak(name);
        let charged = peak("cgroup_anon").map(|anon| {
            anon + peak("cgroup_shmem").unwrap_or(0) + self.unreclaimable_kernel().value().unwrap_or(0)
        });
        let need = charged.max(self.anon.as_ref().ok().map(|growth| growth.top.1)).or(self.peak)?;
        Some((need + need / 5).div_ceil(MIB))
    }

    /// The lines that ask for this memory.
    pub(in crate::diagnosis) fn sizing(&self, mib: u64) -> Vec<String> {
        vec![
            self.record_with(&format!("--memory {mib}M")),
            format!("in a batch script: #SBATCH --mem={mib}M"),
            format!("in a container: docker run --memory={mib}m"),
        ]
    }
}

/// The words of a command as a shell takes them.
pub(crate) fn command_line<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_if_a_shell_would_read_it_otherwise() {
        assert_eq!(quoted("train.py"), "train.py");
        assert_eq!(quoted("print(1)"), "'print(1)'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
