//! Rules that several modes share.

use crate::diagnosis::rule::{Bound, MIB, Rule, Unit};

/// Nothing was killed for the memory.
pub(super) const NOT_KILLED: Rule = Rule {
    what: "processes that were killed for the memory",
    unit: Unit::Count,
    bound: Bound::AtMost(0),
    measure: |view| view.oom_kill(),
};

/// Something was killed for the memory.
pub(super) const KILLED: Rule = Rule { bound: Bound::AtLeast(1), ..NOT_KILLED };

/// A limit on the memory was reached, or nearly.
pub(in crate::diagnosis) const AT_THE_LIMIT: Rule = Rule {
    what: "part of the lowest limit that was used",
    unit: Unit::Percent,
    bound: Bound::AtLeast(90),
    measure: |view| view.nearness(),
};

/// The run ended in a standstill.
pub(super) const STOOD_STILL: Rule = Rule {
    what: "standstill to the end of the run",
    unit: Unit::Microseconds,
    bound: Bound::AtLeast(500_000),
    measure: |view| view.standstill_length(),
};

/// There were children that went on as their parent.
pub(super) const FORKED: Rule = Rule {
    what: "children that were forked and have executed no other program",
    unit: Unit::Count,
    bound: Bound::AtLeast(1),
    measure: |view| view.forked(),
};

/// Most threads were over before the end.
pub(super) const THREADS_ARE_OVER: Rule = Rule {
    what: "threads at the end, of the most",
    unit: Unit::Percent,
    bound: Bound::AtMost(50),
    measure: |view| view.threads_left(),
};

/// There was enough memory that a part of it is worth a question.
pub(super) const IS_LARGE: Rule = Rule {
    what: "anonymous memory",
    unit: Unit::Bytes,
    bound: Bound::AtLeast(64 * MIB),
    measure: |view| view.of_anon(|growth| growth.top.1),
};

/// Most of the memory stayed after the threads.
pub(super) const IS_KEPT: Rule = Rule {
    what: "anonymous memory that stays after that, of the highest value",
    unit: Unit::Percent,
    bound: Bound::AtLeast(80),
    measure: |view| view.kept(),
};

/// Anonymous memory rises through the work.
pub(super) const GROWS: [Rule; 3] = [
    Rule {
        what: "rise of the floor of anonymous memory over the work",
        unit: Unit::Bytes,
        bound: Bound::AtLeast(8 * MIB),
        measure: |view| view.of_anon(|growth| growth.rise),
    },
    Rule {
        what: "part of the peak that this rise is",
        unit: Unit::Percent,
        bound: Bound::AtLeast(35),
        measure: |view| view.share(view.of_anon(|growth| growth.rise)),
    },
    Rule {
        what: "smallest rise from one quarter of the work to the next, of the mean rise",
        unit: Unit::Percent,
        bound: Bound::AtLeast(30),
        measure: |view| view.steadiness(),
    },
];
