# The memory of a process that has a child of vfork(2) counts once, although another thread changes it all the time.
"$@" -q --json summary.json -- "$PROGRAMS/shares"
code=$?
peak=$(sed -n '/^  "peaks"/,/^  }/s/^    "rss": \([0-9]*\),\{0,1\}$/\1/p' summary.json)
echo "code $code, peak $peak"
[ $code = 3 ] && [ "$peak" -gt $((200 << 20)) ] && [ "$peak" -lt $((300 << 20)) ]
