//! Metrics of a control group that version 1 lacks: for each a small command of busybox, and a value that is known.

use std::path::Path;

use libtest_mimic::{Completion, Failed};
use serde_json::{Deserializer, Value};

use crate::machine::{self, Init, Kind, Ran};

/// Root may give the group of its own run a high bound.
pub(crate) const KIND: Kind = Kind { uid: 0, delegated: false, namespaces: true, init: Init::Script };

/// Records them one after the other, and prints a summary of each.
const COMMAND: &str = r#"
mkdir /tmp/many
ip link set lo up
record() { ./lab record --quiet --interval 20ms --json summary "$@" > /dev/null 2>&1; cat summary; }
own='own=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)'
record -- sh -c "$own"'; echo 16M > $own/memory.high; dd if=/dev/zero of=/dev/null bs=24M count=1; sleep 1'
record --memory 24M -- sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 1'
record -- sh -c 'cd /tmp/many; seq 6000 | xargs touch; sleep 1'
record -- sh -c 'nc -l -p 7777 -e sleep 4 & sleep 1; dd if=/dev/zero bs=1M count=16 | nc 127.0.0.1 7777'
record -- sh -c 'for i in $(seq 50); do sleep 9 & done; sleep 5'
"#;

/// A metric, and the least and the most that its peak may be.
type Between = (&'static str, u64, u64);

/// The name of each, and what must be seen in it.
const KNOWN: [(&str, &[Between]); 5] = [
    ("a high bound of 16 MiB", &[("cgroup_high", 1, u64::MAX), ("cgroup_oom_kills", 0, 0)]),
    ("a limit of 24 MiB", &[("cgroup_max", 1, u64::MAX), ("cgroup_oom", 1, 9), ("cgroup_oom_kills", 1, 9)]),
    // A file is an inode of about 700 bytes and a name of 200.
    (
        "6000 files",
        &[("cgroup_slab_unreclaimable", 2 << 20, 30 << 20), ("cgroup_slab_reclaimable", 512 << 10, 30 << 20)],
    ),
    ("a socket that nobody reads", &[("cgroup_sockets", 128 << 10, 32 << 20)]),
    // Each has a stack of 16 KiB and a page table or more.
    (
        "50 processes",
        &[("cgroup_kernel_stacks", 800 << 10, 4 << 20), ("cgroup_page_tables", 200 << 10, 16 << 20)],
    ),
];

/// Whether all that is known is seen.
pub(crate) fn hold(workshop: &Path) -> Result<Completion, Failed> {
    let Ran { output, .. } = machine::run(KIND, workshop, COMMAND);
    let start = output.find('{').ok_or_else(|| format!("nothing was recorded:\n{output}"))?;
    let summaries: Vec<Value> =
        Deserializer::from_str(&output[start..]).into_iter().map_while(Result::ok).collect();
    if summaries.len() != KNOWN.len() {
        return Err(format!("{} of {} were recorded:\n{output}", summaries.len(), KNOWN.len()).into());
    }
    let mut wrong = Vec::new();
    for ((name, known), summary) in KNOWN.iter().zip(&summaries) {
        for (metric, least, most) in *known {
            let peak = summary["peaks"][metric].as_u64();
            if !peak.is_some_and(|peak| (*least..=*most).contains(&peak)) {
                wrong.push(format!("{name}: {metric} is {peak:?}; {}", summary["peaks"]));
            }
        }
    }
    if wrong.is_empty() { Ok(Completion::Completed) } else { Err(wrong.join("\n").into()) }
}
