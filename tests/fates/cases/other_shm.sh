# Other people's 200 MiB in /dev/shm are not the command's. The limit is 100 MiB, and it only sleeps.
[ "$(id -u)" = 0 ] && map= || map=--map-root-user
unshare --mount $map true 2> /dev/null || { echo "there are no mount namespaces"; exit 77; }
unshare --mount $map sh -c '
    mount -t tmpfs -o size=300m,mode=1777 none /dev/shm
    head -c 200M /dev/zero > /dev/shm/others
    "$@" -q --memory 100M -- sh -c "sleep 0.6; exit 3"
    code=$?
    [ $code = 3 ] && [ -s /dev/shm/others ] || { echo $code; exit 1; }' sh "$@"
