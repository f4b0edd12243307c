# The store fails while a command runs that doesn't need it. WORD says how.
limits="$*"
command='for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.1; done > log; echo finished >> log; exit 6'
mounts() {
    [ "$(id -u)" = 0 ] && map= || map=--map-root-user
    unshare --mount $map true 2> /dev/null || { echo "there are no mount namespaces"; exit 77; }
    mkdir store
    unshare --mount $map sh -c "$1"' && shift && XDG_STATE_HOME=$PWD/store exec "$@"' sh "$@"
}
case $WORD in
full) mounts "mount -t tmpfs -o size=16k none store" "$@" -i 1ms -- sh -c "$command" 2> err ;;
read_only) mounts "mount -t tmpfs -o ro none store" "$@" -- sh -c "$command" 2> err ;;
deleted) mkdir store; XDG_STATE_HOME=$PWD/store "$@" -- sh -c "rm -rf store; $command" 2> err ;;
not_writable) HOME=/proc/nobody "$@" -- sh -c "$command" 2> err ;;
not_utf8) mkdir "$(printf 'caf\351')"; HOME="$PWD/$(printf 'caf\351')" "$@" -- sh -c "$command" 2> err ;;
esac
code=$?
cat err >&2
[ $code = 6 ] && [ "$(tail -1 log)" = finished ] || exit 1
# A home that isn't UTF-8 is a home like others; of the rest one line says what was lost.
[ $WORD = not_utf8 ] && [ "$(grep -c '^lab: ' err)" = 0 ] || [ "$(grep -c '^lab: ' err)" = 1 ]
