//! Cases of the table of fates that busybox can run, where the table itself can't: with cgroup v2.

use std::path::Path;

use libtest_mimic::{Completion, Failed};

use crate::machine::{self, Kind, Ran};

/// Scripts of `tests/fates/cases`, each with what it finds in `WORD`. They end with 0 if all is right, and with 77
/// if the machine lacks something.
const CASES: [(&str, &str); 12] = [
    ("output_device.sh", ""),
    ("output_link.sh", ""),
    ("output_leftover.sh", ""),
    ("own_folder_in_shm.sh", ""),
    ("own_folder_in_tmp.sh", ""),
    ("pid_namespaces.sh", ""),
    ("clean.sh", ""),
    ("scenarios_folder.sh", ""),
    ("store.sh", "deleted"),
    ("report_fails.sh", ""),
    ("bad_path.sh", ""),
    ("temporary_folder.sh", "absent"),
];

/// The options of a run that is watched, and of one in a sandbox.
const MODES: [(&str, &str); 2] = [("watched", ""), ("confined", "--memory 256M --timeout 100s")];

/// Runs one of them in folders of its own, and says its code, and what it printed if that isn't 0. One that hangs is
/// ended by a process that is no kin of it, and so must be in another control group.
const ONE: &str = r#"
# Beside the workbook, `lab` would keep its records there.
mkdir /tmp/lab && cp lab /tmp/lab
cat > /tmp/looks_on <<'END'
echo $$ > /sys/fs/cgroup/cgroup.procs
touch /tmp/looks
hangs() {
    echo "$2 hangs; it printed:"
    tail -c 2000 "$3"
    ls -l "${3%/*}/work"
    for process in /proc/[0-9]*; do
        words=$(tr '\0' ' ' < $process/cmdline | cut -c -150)
        [ -n "$words" ] || continue
        echo "$process $words" $(grep -E '^(State|PPid|Sig.*):' $process/status)
        for thread in $process/task/*; do echo "  $(cat $thread/comm): $(cat $thread/wchan)"; cat $thread/stack; done
    done
    kill -KILL $1
}
while sleep 5; do
    read -r case < /tmp/case || continue
    [ "$case" = "$before" ] || looks=0
    before=$case
    looks=$((looks + 1))
    [ $looks -lt 60 ] || hangs $case
done
END
sh /tmp/looks_on 2> /dev/null &
looks_on=$!
until [ -f /tmp/looks ]; do sleep 0.1; done
one() {
    name=$1 script=$2 word=$3; shift 3
    home=$(mktemp -d) && mkdir $home/work $home/tmp && cd $home/work
    HOME=$home TMPDIR=$home/tmp LAB=/tmp/lab/lab PROGRAMS=/workshop/cases WORD=$word NAME=$name \
        sh -c 'echo "$$ $NAME $HOME/out" > /tmp/case; exec sh "$@"' \
        sh /workshop/cases/$script /tmp/lab/lab record "$@" > $home/out 2>&1 < /dev/null
    code=$?
    echo "case $name $code"
    [ $code = 0 ] || tail -c 2000 $home/out
}
"#;

/// Runs them all on a machine of this kind.
pub(crate) fn all(kind: Kind, workshop: &Path) -> Result<Completion, Failed> {
    let mut command = ONE.to_owned();
    for (script, word) in CASES {
        for (mode, options) in MODES {
            command += &format!("one {script}::{mode} {script} '{word}' {options}\n");
        }
    }
    command += "kill $looks_on\necho left; ls /dev/shm; groups_left\n";
    let Ran { output, .. } = machine::run(kind, workshop, &command);
    let (cases, left) = output.split_once("left\n").ok_or_else(|| format!("it was cut short:\n{output}"))?;
    let codes: Vec<&str> =
        cases.lines().filter_map(|line| line.strip_prefix("case ")?.rsplit(' ').next()).collect();
    let is_right =
        codes.len() == CASES.len() * MODES.len() && codes.iter().all(|code| ["0", "77"].contains(code));
    if !is_right || !codes.contains(&"0") || !left.trim().is_empty() {
        return Err(output.into());
    }
    Ok(Completion::Completed)
}
