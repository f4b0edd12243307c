# The temporary folder is read-only, full, not there, or not a folder (WORD): the command has its own fate.
[ "$(id -u)" = 0 ] && map= || map=--map-root-user
unshare --mount $map true 2> /dev/null || { echo "there are no mount namespaces"; exit 77; }
unshare --mount $map sh -c '
    case $WORD in
    read_only) mount -t tmpfs -o ro none "$TMPDIR" ;;
    full) mount -t tmpfs -o size=4k none "$TMPDIR"; head -c 1M /dev/zero > "$TMPDIR/full" 2> /dev/null ;;
    absent) TMPDIR=/no/such/folder ;;
    file) touch file; TMPDIR=$PWD/file ;;
    esac
    "$@" -q -- sh -c "exit 3" 2> err; code=$?
    cat err
    [ $code = 3 ] || { echo $code; exit 1; }
    "$LAB" doctor > doctor 2>&1; code=$?
    cat doctor
    [ $code -le 2 ] && ! grep -q panicked doctor' sh "$@"
