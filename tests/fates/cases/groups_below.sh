# The command makes groups below the run's own, and leaves them: they go with it.
[ -d /sys/fs/cgroup/memory ] || { echo "there are no control groups of version 1"; exit 77; }
"$@" -q --json summary.json -- sh -c '
    own=/sys/fs/cgroup/memory$(sed -n "s/^[0-9]*:memory://p" /proc/self/cgroup)
    mkdir "$own/fates-below" "$own/fates-below/deeper" || exit 77
    echo "$own" > own; echo $$ > "$own/fates-below/deeper/cgroup.procs"; exit 3'
code=$?
[ $code != 77 ] || { echo "the command can't make groups"; exit 77; }
left=$(cat own)/fates-below
case $left in */lab-*) ;; *) rmdir "$left/deeper" "$left"; echo "the run has no group of its own"; exit 77 ;; esac
[ $code = 3 ] && ! [ -d "$left" ]
