//! Metrics of control groups of version 2: for each a small command of busybox, and a value that is known.

use std::path::Path;

use libtest_mimic::{Completion, Failed};
use serde_json::{Deserializer, Value};

use crate::machine::{self, Hardware, Init, Kind, Pages, Ran};

/// Root may give the group of its own run a high bound, and others a group around them.
pub(crate) const KIND: Kind =
    Kind { uid: 0, delegated: false, init: Init::Script, hardware: Hardware::Native };

/// Records them one after the other, and prints a summary of each.
const COMMAND: &str = r#"
generations=/sys/kernel/mm/lru_gen/enabled
[ -f $generations ] || echo NO GENERATIONS
grep -q ext4 /proc/filesystems || echo NO EXT4
mkdir /tmp/many
ip link set lo up
record() { ./lab record --quiet --interval 20ms --json summary "$@" > /dev/null 2>&1; cat summary; }
own='own=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)'
record -- sh -c "$own"'; echo 16M > $own/memory.high; dd if=/dev/zero of=/dev/null bs=24M count=1; sleep 1'
record --memory 24M -- sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 1'
record -- sh -c 'cd /tmp/many; seq 6000 | xargs touch; sleep 1'
record -- sh -c 'nc -l -p 7777 -e sleep 4 & sleep 1; dd if=/dev/zero bs=1M count=16 | nc 127.0.0.1 7777'
record -- sh -c 'for i in $(seq 50); do sleep 5 & done; wait'

echo 8 > /proc/sys/vm/nr_hugepages
mkdir /tmp/huge && mount -t hugetlbfs none /tmp/huge
record -- sh -c 'fallocate -l 4194304 /tmp/huge/file; sleep 1'
insmod /brd.ko rd_nr=2 rd_size=131072 && mkswap /dev/ram0 > /dev/null && swapon /dev/ram0
record -- sh -c "$own"'; echo 16M > $own/memory.high; dd if=/dev/zero of=/dev/null bs=40M count=4; sleep 1'

# A file on a disk, which is read twice: with the two lists of page cache, and with generations.
mke2fs /dev/ram1 > /dev/null && mkdir /tmp/disk && mount -t ext4 /dev/ram1 /tmp/disk 2> /dev/null
dd if=/dev/zero of=/tmp/disk/file bs=1M count=32 2> /dev/null
for are_on in n y; do
    echo $are_on > $generations
    # Nothing of it is cached when it's mounted again.
    umount /tmp/disk 2> /dev/null && mount -t ext4 /dev/ram1 /tmp/disk
    record -- sh -c 'for i in 1 2; do dd if=/tmp/disk/file of=/dev/null bs=1M; done; sleep 1'
done
echo n > $generations

around=/sys/fs/cgroup/session/around
mkdir $around && echo 64M > $around/memory.max && echo 0 > $around/memory.swap.max
inside() { sh -c "echo \$\$ > $around/cgroup.procs"'; exec "$@"' sh "$@"; }
inside ./lab record --quiet --json summary -- \
    sh -c 'dd if=/dev/zero of=/dev/null bs=32M count=1; sleep 1' > /dev/null 2>&1
cat summary
mkdir /tmp/user && chown user /tmp/user
as_user() {
    record="HOME=/tmp/user /workshop/lab record --quiet --interval 20ms --json summary"
    inside su -s /bin/sh user -c "cd /tmp/user; $record -- $1" > /dev/null 2>&1
    cat /tmp/user/summary
}
hog='dd if=/dev/zero of=/dev/null bs=96M count=1'
as_user "$hog"
(until [ -f /tmp/user/started ]; do sleep 0.1; done; inside $hog 2> /dev/null; touch /tmp/user/killed) &
as_user "sh -c 'touch started; until [ -f killed ]; do sleep 0.1; done; sleep 1'"
"#;

/// A metric, and the least and the most that its peak may be.
type Between = (&'static str, u64, u64);

/// The name of each, and what must be seen in it.
const KNOWN: [(&str, &[Between]); 12] = [
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
    (POOL, &[("cgroup_hugetlb", 4 << 20, 4 << 20)]),
    // Of 40 MiB, 16 are in memory; what is written again comes back first, page by page.
    (
        SWAP,
        &[
            ("cgroup_swap", 20 << 20, 48 << 20),
            ("swap", 20 << 20, 48 << 20),
            ("host_swap_used", 20 << 20, 64 << 20),
            ("cgroup_refaults_anon", 1000, u64::MAX),
        ],
    ),
    (
        LISTS,
        &[
            ("cgroup_active_file", 31 << 20, 40 << 20),
            ("cgroup_inactive_file", 0, 40 << 20),
            ("cgroup_working_set", 31 << 20, 56 << 20),
        ],
    ),
    (
        GENERATIONS,
        &[
            ("cgroup_active_file", 0, 8 << 20),
            ("cgroup_inactive_file", 31 << 20, 40 << 20),
            ("cgroup_working_set", 0, 24 << 20),
        ],
    ),
    (
        "a group around",
        &[
            ("enclosing_cgroup", 32 << 20, 64 << 20),
            ("enclosing_max", 0, 0),
            ("enclosing_oom_kills", 0, 0),
            ("cgroup_oom_kills", 0, 0),
        ],
    ),
    ("a user at the limit of a group", &[("enclosing_max", 1, u64::MAX), ("enclosing_oom_kills", 1, 1)]),
    ("a neighbour at that limit", &[("enclosing_max", 1, u64::MAX), ("enclosing_oom_kills", 1, 1)]),
];

const POOL: &str = "two huge pages of the pool";
const SWAP: &str = "a swap";
const LISTS: &str = "a file that is read twice";
const GENERATIONS: &str = "the same, with generations";

/// What the last of them must say in so many words.
const SAID: [(&str, &[&str]); 2] = [
    (
        "a user at the limit of a group",
        &[
            r#""outcome":{"killed":{"by":"oom","signal":9}}"#,
            "64 MiB in /sys/fs/cgroup/session/around, reached",
        ],
    ),
    ("a neighbour at that limit", &[r#""outcome":{"exited":0}"#, "1, of this run or of others in the group"]),
];

/// Whether all that is known is seen.
pub(crate) fn hold(kind: Kind, workshop: &Path) -> Result<Completion, Failed> {
    let Ran { output, .. } = machine::run(kind, workshop, COMMAND);
    let start = output.find('{').ok_or_else(|| format!("nothing was recorded:\n{output}"))?;
    let summaries: Vec<Value> =
        Deserializer::from_str(&output[start..]).into_iter().map_while(Result::ok).collect();
    if summaries.len() != KNOWN.len() {
        return Err(format!("{} of {} were recorded:\n{output}", summaries.len(), KNOWN.len()).into());
    }
    let mut wrong = Vec::new();
    let lacks = |words: &str| output[..start].contains(words);
    let has_swap = kind.hardware.ram_disk().is_some();
    let has_disk = has_swap && !lacks("NO EXT4");
    let is_there = |name: &str| match name {
        SWAP => has_swap,
        LISTS => has_disk,
        GENERATIONS => has_disk && !lacks("NO GENERATIONS"),
        // There, a huge page has 32 MiB.
        POOL => kind.hardware != Hardware::Arm64(Pages::Of16K),
        _ => true,
    };
    let seen = KNOWN.iter().zip(&summaries).filter(|((name, _), _)| is_there(name));
    for ((name, known), summary) in seen {
        for (metric, least, most) in *known {
            let peak = summary["peaks"][metric].as_u64();
            if !peak.is_some_and(|peak| (*least..=*most).contains(&peak)) {
                wrong.push(format!("{name}: {metric} is {peak:?}; {}", summary["peaks"]));
            }
        }
    }
    for ((name, words), summary) in SAID.iter().zip(&summaries[KNOWN.len() - SAID.len()..]) {
        let summary = summary.to_string();
        wrong.extend(
            words
                .iter()
                .filter(|word| !summary.contains(**word))
                .map(|word| format!("{name}: it doesn't say {word}: {summary}")),
        );
    }
    match wrong.is_empty() {
        true if has_disk => Ok(Completion::Completed),
        true => Ok(Completion::ignored_with(
            "all that can be seen is right; page cache and swap need the kernel's modules brd and ext4",
        )),
        false => Err(wrong.join("\n").into()),
    }
}
