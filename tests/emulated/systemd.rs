//! A machine whose control groups are those of a real systemd: the limits around a command hold for it, whoever
//! records it.

use std::fs;

use libtest_mimic::{Completion, Failed, Trial};

use crate::machine::{self, Init, Kind, Ran};

/// Takes 200 MiB in scopes that may have 100 MiB, then looks for leftovers.
const COMMAND: &str = r#"
takes='dd if=/dev/zero of=/dev/null bs=200M count=1'
scope() { systemd-run --quiet --scope -p MemoryMax=100M "$@" 2> /dev/null; }
scope $takes
echo "bare: $?"
for limits in '' '--memory 400M'; do
    scope ./lab record -q $limits -- $takes
    echo "recorded, $limits: $?"
done
find /sys/fs/cgroup -name 'lab-*'
ls -A /dev/shm
"#;

/// What is printed if all is right.
const EXPECTED: &str = "\
bare: 137
recorded, : 137
recorded, --memory 400M: 137
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
