# 200 MiB of a kind (WORD) under a limit of 80 MiB don't end well, and the summary has seen more than half of the limit.
# Where there is no control group, pipes can't be counted: then it says so.
"$@" -q --memory 80M --json summary.json -- "$PROGRAMS/takes" $WORD 200 > out 2> err
code=$?
peak=$(sed -n '/^  "peaks"/,/^  }/s/^    "\(cgroup\|rss\|pss\|open_memory_files\|shmem\|tmpfs\)": \([0-9]*\),\{0,1\}$/\2/p' summary.json | sort -n | tail -n 1)
echo "code $code, peak $peak, $(cat out err)"
[ $code != 0 ] && [ $code != 125 ] && ! grep -q 'still here' out || exit 1
if [ $WORD = pipes ] && grep -q 'without a control group' summary.json; then
    grep -q "doesn't count pipes" summary.json
else
    [ "$peak" -gt 41943040 ]
fi
