# There is no /proc: the recorder says so, with the code 125.
[ "$(id -u)" = 0 ] && map= || map=--map-root-user
unshare --mount $map true 2> /dev/null || { echo "there are no mount namespaces"; exit 77; }
unshare --mount $map sh -c '
    mount -t tmpfs none /proc
    "$@" -q -- touch started 2> err; code=$?
    cat err; echo $code
    [ $code = 125 ] && grep -q /proc err && ! grep -q panicked err && [ ! -e started ]' sh "$@"
