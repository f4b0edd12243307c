# The record goes into a pipe that has no name, and is read at its other end.
{ "$@" -q -o /dev/stdout -- sh -c 'exit 3' >&3; echo $? > code; } 3>&1 | cat > got
cat code
[ "$(cat code)" = 3 ] && grep -q '"trailer"' got
