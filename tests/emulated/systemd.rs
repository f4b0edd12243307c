//! A machine whose control groups are those of a real systemd: the limits around a command hold for it, whoever
//! records it.

use std::fs;

use libtest_mimic::{Completion, Failed, Trial};

use crate::machine::{self, Init, Kind, Ran};

/// Takes 200 MiB in scopes and services that may have 100 MiB, then nests recorders, then looks for leftovers.
const COMMAND: &str = r#"
takes='dd if=/dev/zero of=/dev/null bs=200M count=1'
# Without a bus nobody can wait for a service, so it is one that has started when it has ended.
user() {
    systemd-run --quiet --collect --uid=1000 -p DefaultDependencies=no -p Type=oneshot -p Delegate=yes \
        -p OOMPolicy=continue -p WorkingDirectory=/workshop -p StandardOutput=tty -p StandardError=tty \
        -p TTYPath=/dev/ttyS0 -p "$1" sh -c "$2; echo \"$3: \$?\"" 2>&1
}
systemd-run --quiet --scope -p MemoryMax=100M $takes 2> /dev/null
echo "bare: $?"
for limits in '' '--memory 400M'; do
    systemd-run --quiet --scope -p MemoryMax=100M ./lab record -q $limits -- $takes 2> /dev/null
    echo "scope of root, $limits: $?"
    user MemoryMax=100M "./lab record -q $limits -- $takes 2> /dev/null" "service of a user, $limits"
done
user MemoryMax=500M './lab record -q --memory 300M -- ./lab record -q -- ./lab record -q --memory 200M -- sh -c "sleep 0.2; exit 7"' nested
user MemoryMax=500M './lab record -q --memory 100M -- sh -c "sleep 3; exit 5" & ./lab record -q --memory 200M -- sh -c "exit 6"; echo "second: $?"; wait $!' first
find /sys/fs/cgroup -name 'lab-*'
ls -A /dev/shm
"#;

/// What is printed if all is right.
const EXPECTED: &str = "\
bare: 137
scope of root, : 137
service of a user, : 137
scope of root, --memory 400M: 137
service of a user, --memory 400M: 137
nested: 7
second: 6
first: 5
";

const KIND: Kind = Kind { uid: 0, delegated: true, namespaces: true, init: Init::Systemd };

pub(crate) fn trial() -> Trial {
    Trial::ignorable_test("the_limits_of_systemd_hold_for_what_is_recorded", || {
        match machine::missing(KIND.init) {
            Some(missing) => Ok(Completion::ignored_with(missing)),
            None => limits_hold(),
        }
    })
}

fn limits_hold() -> Result<Completion, Failed> {
    let workshop = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(workshop.path().join("bin")).expect("a folder of our own");
    for name in ["lab", "bin/lab"] {
        fs::copy(env!("CARGO_BIN_EXE_lab"), workshop.path().join(name)).expect("room for a copy");
    }
    let Ran { output, .. } = machine::run(KIND, workshop.path(), COMMAND);
    match output == EXPECTED {
        true => Ok(Completion::Completed),
        false => Err(format!("printed:\n{output}\nexpected:\n{EXPECTED}").into()),
    }
}
