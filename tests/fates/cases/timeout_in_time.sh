# The recorder is stopped while its command ends in time: the command has not timed out.
. "$PROGRAMS/awaited.sh"
"$@" -q --timeout 2s -- sh -c 'touch started; sleep 0.5; exit 3' & lab=$!
awaited started
kill -STOP $lab; sleep 3; kill -CONT $lab
wait $lab; code=$?
echo $code
[ $code = 3 ]
