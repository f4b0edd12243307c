# Where there are no namespaces, what the command leaves in /dev/shm and of System V is removed, or the summary says that it stays.
unshare --user --map-root-user true 2> /dev/null || { echo "there are no user namespaces"; exit 77; }
name=fates-$$-$(id -u)
unshare --user --map-root-user sh -ec 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all -- "$@"' sh \
    "$@" -- sh -c "echo data > /dev/shm/$name; ipcmk --shmem 4096 | sed 's/[^0-9]//g' > segment; exit 3" 2> err
code=$?
cat err
[ $code = 3 ] || exit 1
left=
[ ! -e /dev/shm/$name ] || { left=file; rm /dev/shm/$name; }
! ipcrm --shmem-id "$(cat segment)" 2> /dev/null || left="$left segment"
echo "left: $left"
[ -z "$left" ] || grep -Eqi '(stays|stay|left|remain|not removed).*' err
