# A second recorder starts in another pid namespace, as in a container that shares the host's control groups.
. "$PROGRAMS/awaited.sh"
[ "$(id -u)" = 0 ] && map= || map=--map-root-user
unshare --pid --fork --mount-proc $map true 2> /dev/null || { echo "there are no pid namespaces"; exit 77; }
"$@" -q --shm 1M -- sh -c '. "$PROGRAMS/awaited.sh"; touch started; awaited second; touch /dev/shm/file && echo first; exit 5' > out &
first=$!
awaited started
unshare --pid --fork --mount-proc $map "$@" -q -- sh -c 'echo second; exit 6' > out2
second=$?
touch second
wait $first
first=$?
echo "$first $second $(cat out out2)"
[ "$first $second" = "5 6" ] && [ "$(cat out)" = first ] && [ "$(cat out2)" = second ]
