# Many processes and threads, as builds and servers have them.
for kind in forks threads zombies; do "$@" "$PROGRAMS/storms" $kind 500; echo "$kind $?"; done
