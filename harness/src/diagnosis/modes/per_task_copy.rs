//! A whole object is sent to the workers with each task.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "per-task-copy",
    says: "Each task carries a copy of an object that all of them could share, so the same bytes are written, sent and read once for each task.",
    chapter: "scenarios/self-capture/chapter",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule {
            what: "bytes that the first process wrote to pipes and sockets",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(32 * MIB),
            measure: |view| view.sent(),
        },
        Rule {
            what: "that, in hundredths of its own anonymous memory",
            unit: Unit::Percent,
            bound: Bound::AtLeast(100),
            measure: |view| view.sent_per_memory(),
        },
        Rule {
            what: "falls of memory by a third or more, as objects come and go",
            unit: Unit::Count,
            bound: Bound::AtLeast(3),
            measure: |view| view.spikes(),
        },
        Rule {
            what: "bytes that other processes have read, of those",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.received(),
        },
        // A process that gets a thing once keeps it.
        Rule {
            what: "times that one of them let go of what it had read",
            unit: Unit::Count,
            bound: Bound::AtLeast(4),
            measure: |view| view.let_go(),
        },
        Rule {
            what: "processes at one time",
            unit: Unit::Count,
            bound: Bound::AtLeast(2),
            measure: |view| view.peak_of("processes"),
        },
    ],
    experiment: "run it with twice the tasks on the same data: the bytes written double, or they don't",
    trial: None,
    story,
    explains: |_| None,
    holder: |view| view.largest_name(),
    next,
};

fn story(view: &View<'_>) -> String {
    let sent = view.sent().value().unwrap_or(0);
    let memory = view.first_anon().unwrap_or(0);
    format!(
        "The first process wrote {} that no disk got, while it had {} of anonymous memory at most.",
        bytes(sent),
        bytes(memory)
    )
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        "python -c 'import pickle; print(len(pickle.dumps(TASK)))'  # what one task weighs".to_owned(),
        format!("strace -f -e trace=write -o calls.txt {}", view.command()),
    ]
}
