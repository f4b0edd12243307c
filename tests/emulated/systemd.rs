//! A machine whose control groups are those of a real systemd: the limits around a command hold for it, whoever
//! records it.

use std::path::Path;

use libtest_mimic::{Completion, Failed};

use crate::machine::{self, Hardware, Init, Kind, Ran};

/// Takes 200 MiB in scopes that may have 100 MiB, then in services of a user's own manager, then in a delegated scope
/// whose limit `lab` sets, and then looks for leftovers.
const COMMAND: &str = r#"
takes='dd if=/dev/zero of=/dev/null bs=200M count=1'
scope() { systemd-run --quiet --scope -p MemoryMax=100M "$@" 2> /dev/null; }
scope $takes
echo "bare: $?"
for limits in '' '--memory 400M'; do
    scope ./lab record -q $limits -- $takes
    echo "recorded, $limits: $?"
done

run=/run/user/1000
mkdir -p $run /tmp/user
chown 1000 $run /tmp/user
systemd-run --quiet --uid=1000 -p DefaultDependencies=no -p Delegate=yes --setenv=XDG_RUNTIME_DIR=$run     /usr/lib/systemd/systemd --user
awaited() { for _ in $(seq 300); do [ ! -e "$1" ] || return 0; sleep 0.1; done; echo "there is no $1"; }
awaited $run/systemd/private
service() {
    rm -f /tmp/user/code
    echo "cd /workshop; $*; echo \$? > /tmp/user/new; mv /tmp/user/new /tmp/user/code" > /tmp/service
    XDG_RUNTIME_DIR=$run HOME=/home/user su -s /bin/sh user -c "systemd-run --user --quiet --collect         --setenv=PATH=$PATH -p DefaultDependencies=no -p MemoryMax=100M -p OOMPolicy=continue sh /tmp/service"
    awaited /tmp/user/code
}
service $takes
echo "bare, in a user's service: $(cat /tmp/user/code)"
for limits in '' '--memory 400M'; do
    service ./lab record -q $limits -- $takes
    echo "recorded in a user's service, $limits: $(cat /tmp/user/code)"
done
# As `lab doctor` advises. It's typed in a service of the user's own manager, which may move it without asking others.
service XDG_RUNTIME_DIR=$run systemd-run --user --quiet --scope -p Delegate=yes \
    ./lab record -q --json /tmp/user/record.json --memory 50M -- $takes
echo "in a scope of a user's own, --memory 50M: $(cat /tmp/user/code), $(grep -o -m 1 'by cgroup v2' /tmp/user/record.json)"
groups_left
ls -A /dev/shm
"#;

/// What is printed if all is right.
const EXPECTED: &str = "\
bare: 137
recorded, : 137
recorded, --memory 400M: 137
bare, in a user's service: 137
recorded in a user's service, : 137
recorded in a user's service, --memory 400M: 137
in a scope of a user's own, --memory 50M: 137, by cgroup v2
";

pub(crate) const KIND: Kind =
    Kind { uid: 1000, delegated: true, init: Init::Systemd, hardware: Hardware::Native };

pub(crate) fn limits_hold(workshop: &Path) -> Result<Completion, Failed> {
    let Ran { output, .. } = machine::run(KIND, workshop, COMMAND);
    match output == EXPECTED {
        true => Ok(Completion::Completed),
        false => Err(format!("printed:\n{output}\nexpected:\n{EXPECTED}").into()),
    }
}
