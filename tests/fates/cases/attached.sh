# The exit code of a process that was attached to is told.
. "$PROGRAMS/awaited.sh"
(awaited go; exit 5) & other=$!
"$LAB" record --attach $other > out 2> err & lab=$!
sleep 0.5; touch go
wait $lab; code=$?
cat err
[ $code = 0 ] && grep -q 'exited with 5' err
