# The limit of the group that the recorder was started in holds for the command too.
own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
group=/sys/fs/cgroup/memory$own/fates-$$
mkdir "$group" 2> /dev/null || { echo "no control group of version 1 can be made here"; exit 77; }
echo 100M > "$group/memory.limit_in_bytes"
sh -c 'echo $$ > "$0/cgroup.procs"; exec "$@"' "$group" "$@" -q -- "$PROGRAMS/takes" private 200 > out 2> err
code=$?
cat out err; echo $code
find "$group" -mindepth 1 -type d
i=0; while ! find "$group" -depth -type d -exec rmdir {} + 2> /dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
[ $code = 137 ] && ! [ -d "$group" ]
