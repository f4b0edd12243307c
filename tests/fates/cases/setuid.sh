# A child of other rights can't be looked at by an ordinary user: the summary says how many, and which facts are missing.
[ "$(stat -c %u:%a "$PROGRAMS/setuid")" = 0:4755 ] && [ "$(id -u)" != 0 ] || { echo "only root makes a setuid program, and others run it"; exit 77; }
"$@" -- "$PROGRAMS/setuid" > out 2> err
code=$?
cat out err
# In a user namespace there is no root to become.
[ "$(cat out)" = 0 ] || [ "$(cat out)" = "$(id -u)" ] || exit 1
[ $code = 3 ] || exit 1
[ "$(cat out)" != 0 ] || grep -Eqi '1 process.*(not be|refused|permission)' err
