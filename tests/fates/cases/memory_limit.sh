# 200 MiB of a kind (WORD) under a limit of 80 MiB don't end well, and the summary has seen more than half of the limit.
"$@" -q --memory 80M --json summary.json -- "$PROGRAMS/takes" $WORD 200 > out 2> err
code=$?
peak=$(sed -n '/^  "peaks"/,/^  }/s/^    "\(cgroup\|rss\|pss\|held\|shmem\|tmpfs\)": \([0-9]*\),\{0,1\}$/\2/p' summary.json | sort -n | tail -n 1)
echo "code $code, peak $peak, $(cat out err)"
[ $code != 0 ] && [ $code != 125 ] && [ "$peak" -gt 41943040 ] && ! grep -q 'still here' out
