//! What /proc says of one process in a line.

/// The parts of /proc/PID/stat (proc_pid_stat(5)) that a track needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// The name of the program, as the kernel cuts it.
    pub(super) name: String,
    /// R, S, D, T, Z and others.
    pub(super) state: char,
    pub(super) parent: i32,
    /// Processor time, of all threads, in ticks of the clock.
    pub(super) ticks: u64,
    pub(super) threads: u64,
    /// When it was forked, in ticks since the machine was started.
    pub(super) started: u64,
    /// Where its stack begins: another exec(2) puts it elsewhere. 0 where this isn't ours to see.
    pub(super) stack: u64,
}

/// Reads a stat.
pub(super) fn stat(text: &str) -> Option<Stat> {
    // The name may itself hold brackets and spaces.
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    let fields: Vec<&str> = text.get(close + 1..)?.split_ascii_whitespace().collect();
    // The manual counts from 1, and the state is the third.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        name: text.get(open + 1..close)?.to_owned(),
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(14)? + number(15)?,
        threads: number(20)?,
        started: number(22)?,
        stack: number(28)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_with_brackets_and_spaces_moves_no_field() {
        let text = "7 (a ) (b) S 3 7 7 0 -1 4194560 120 3500 2 17 5 6 0 0 20 0 4 0 99 1000 50 18446744073709551615 1 2 140 0 0\n";
        let expected = Stat {
            name: "a ) (b".into(),
            state: 'S',
            parent: 3,
            ticks: 11,
            threads: 4,
            started: 99,
            stack: 140,
        };
        assert_eq!(stat(text), Some(expected));
    }

    #[test]
    fn this_process_is_read_as_it_is() {
        let seen = stat(&std::fs::read_to_string("/proc/self/stat").unwrap()).unwrap();
        assert_eq!(seen.parent, nix::unistd::getppid().as_raw());
        assert!(seen.threads >= 1 && seen.started > 0 && seen.stack > 0, "{seen:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s)[0-9 ()a-zA-Z\\n-]*") {
            let _ = stat(&text);
        }
    }
}
