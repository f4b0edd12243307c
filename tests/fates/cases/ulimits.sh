# Limits of the shell hold for the command, and harm nothing else. WORD is the option of ulimit(1).
case $WORD in
f) # No record has room in 512 bytes. Where nobody may raise the limit, one line says that it's lost.
    (
        ulimit -f 1; ulimit -c 0
        "$@" sh -c 'exit 3' 2> "$TMPDIR/err"; echo $?; "$@" head -c 100000 /dev/zero > big 2> "$TMPDIR/more"; echo $?
    ) 2> "$TMPDIR/shell"
    [ ! -s "$TMPDIR/err" ] || [ "$(grep -c '^lab: the record is lost' "$TMPDIR/err")" = 1 ] || echo "what is lost isn't said" ;;
n) ulimit -n 16; "$@" sh -c 'ulimit -n; exit 3'; echo $? ;;
soft) ulimit -S -n 16; "$@" sh -c 'ulimit -S -n; ulimit -H -n; exit 3'; echo $? ;;
v) ulimit -v 200000; "$@" sh -c 'ulimit -v; exit 3'; echo $? ;;
s) ulimit -s 256; "$@" sh -c 'ulimit -s; exit 3'; echo $? ;;
t) ulimit -c 0; "$@" sh -c 'ulimit -t 1; while :; do :; done'; echo $? ;;
esac
