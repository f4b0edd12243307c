# A recorder in a recorder: both end with the code of the command, and the outer one knows of the inner command's memory.
"$@" -q --json outer.json -- "$LAB" record -q --memory 300M --json inner.json -- "$PROGRAMS/takes" private 100 > out 2> err
code=$?
for json in outer inner; do
    peak=$(sed -n '/^  "peaks"/,/^  }/s/^    "\(cgroup\|rss\)": \([0-9]*\),\{0,1\}$/\2/p' $json.json | sort -n | tail -n 1)
    echo "$json: code $code, peak $peak, $(cat out err)"
    [ "$peak" -ge 104857600 ] || grep -qi 'not counted' err || exit 1
done
[ $code = 0 ]
