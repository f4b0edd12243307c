# A daemon of the old kind: two forks, a session of its own, all streams closed. It goes on where the command is only
# watched, and gets its moment in a sandbox.
"$@" sh -c 'setsid sh -c "(sleep 0.3; echo done > daemon) > /dev/null 2>&1 &" ; echo main; exit 3'
echo $?
i=0; while [ ! -f daemon ] && [ $i -lt 40 ]; do sleep 0.1; i=$((i + 1)); done
cat daemon
