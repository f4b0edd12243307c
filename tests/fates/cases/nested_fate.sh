# A recorder in a recorder, watched and confined, three deep: the innermost command has its own code and output.
"$@" "$LAB" record -q -- "$LAB" record -q --timeout 60s -- sh -c 'echo inner; exit 9'
echo $?
