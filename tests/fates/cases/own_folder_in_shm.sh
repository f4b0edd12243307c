# A user's own folder in /dev/shm has the name of a folder of ours, with the number of a process that there isn't.
[ "$(id -u)" = 0 ] && map= || map=--map-root-user
unshare --mount $map true 2> /dev/null || { echo "there are no mount namespaces"; exit 77; }
export RECORDER="$*"
unshare --mount $map sh -c '
    mount -t tmpfs -o size=16m,mode=1777 none /dev/shm
    mkdir /dev/shm/lab-4194001; echo precious > /dev/shm/lab-4194001/data
    mkdir /dev/shm/lab-4194002; chmod 700 /dev/shm/lab-4194002
    echo other > /dev/shm/lab-4194003
    $RECORDER -q -- sh -c "exit 3"; code=$?
    $LAB clean > /dev/null
    ls -R /dev/shm >&2
    [ $code = 3 ] && [ "$(cat /dev/shm/lab-4194001/data)" = precious ] && [ -d /dev/shm/lab-4194002 ] &&
        [ -f /dev/shm/lab-4194003 ]'
