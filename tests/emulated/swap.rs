//! What becomes of a file's pages if its group gets short of memory and the machine has swap: those of a tmpfs are
//! swapped out, and those of a disk are dropped.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::{Completion, Failed};
use serde_json::Value;

use crate::machine::{self, Hardware, Init, Kind, Ran};

/// Root may give the group of its own run a high bound.
pub(crate) const KIND: Kind =
    Kind { uid: 0, delegated: false, init: Init::Script, hardware: Hardware::Native };

/// Writes a file of 32 MiB, gives its group room for half of that, and reads it again. It is recorded, for a
/// control group of its own, and says what it finds in the kernel's own words.
///
/// The disk is one in memory, whose pages are the kernel's. What is read of it is in the page cache, as with any.
const COMMAND: &str = r#"
cat > /tmp/steps <<'END'
own=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)
place=$1 file=$2
look() {
    sync
    sleep 3
    for name in shmem file; do
        echo "$place $1 $name" $(awk -v name=$name '$1 == name { print $2 }' $own/memory.stat)
    done
    echo "$place $1 swap" $(cat $own/memory.swap.current)
}
sum() { echo "$place $1 sum" $((0x$(head -c 33554432 $file | md5sum | cut -c 1-15))); }
# A disk that nobody has open is in no cache.
: >> $file
exec 9< $file
dd if=/dev/urandom of=$file bs=1M count=32 conv=notrunc 2> /dev/null
sum written
look written
echo 16M > $own/memory.high
look pressed
sum pressed
END
record() { ./lab record --quiet --interval 200ms --json summary "$@"; }
insmod /brd.ko rd_nr=2 rd_size=131072 && mkswap /dev/ram0 > /dev/null && swapon /dev/ram0
record -- sh /tmp/steps tmpfs /dev/shm/file
echo "record $(tr '\n' ' ' < summary)"
rm /dev/shm/file
record -- sh /tmp/steps disk /dev/ram1
"#;

const FILE: u64 = 32 << 20;
const HIGH: u64 = 16 << 20;

/// What the shell and its commands have themselves.
const OTHERS: u64 = 4 << 20;

pub(crate) fn takes_the_pages_of_a_tmpfs(kind: Kind, workshop: &Path) -> Result<Completion, Failed> {
    if kind.hardware.ram_disk().is_none() {
        return Ok(Completion::ignored_with("for swap, the kernel's module brd is missing"));
    }
    let Ran { output, .. } = machine::run(kind, workshop, COMMAND);
    let numbers: BTreeMap<&str, u64> = output
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect();
    let number = |name: &str| numbers.get(name).copied().ok_or(format!("no {name} in:\n{output}"));
    let record = output.lines().find_map(|line| line.strip_prefix("record ")).ok_or("no record")?;
    let record: Value = serde_json::from_str(record).map_err(|error| format!("{error}:\n{record}"))?;
    let peak = |metric: &str| record["peaks"][metric].as_u64().unwrap_or(0);
    let file_of_disk = |when: &str| {
        Ok::<_, String>(number(&format!("disk {when} file"))? - number(&format!("disk {when} shmem"))?)
    };
    let [written, pressed] =
        ["written", "pressed"].map(|when| [format!("tmpfs {when} shmem"), format!("tmpfs {when} swap")]);
    let (shmem, swap) = (number(&pressed[0])?, number(&pressed[1])?);
    let checks = [
        ("the file is in shared memory", number(&written[0])? >= FILE && number(&written[1])? == 0),
        ("of its pages, no more than the bound are left there", shmem <= HIGH),
        ("all others are in swap", shmem + swap >= FILE && swap >= FILE - HIGH),
        (
            "what is read again is what was written",
            number("tmpfs written sum")? == number("tmpfs pressed sum")?,
        ),
        ("the record has both", peak("cgroup_shmem") >= FILE && peak("cgroup_swap") >= FILE - HIGH),
        ("the cache has all of the disk's file", file_of_disk("written")? >= FILE),
        ("of its pages, no more than the bound are left", file_of_disk("pressed")? <= HIGH),
        ("none of them is in swap", number("disk pressed swap")? <= OTHERS),
        (
            "what is read again is what was written",
            number("disk written sum")? == number("disk pressed sum")?,
        ),
    ];
    match checks.iter().find(|(_, holds)| !holds) {
        None => Ok(Completion::Completed),
        Some((what, _)) => Err(format!("this doesn't hold: {what}\n{output}").into()),
    }
}
