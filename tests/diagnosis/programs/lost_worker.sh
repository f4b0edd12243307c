# A worker is killed, and a reader waits at a pipe that somebody else holds open.
mkfifo "$1/answers"
exec 3<> "$1/answers"
(sleep 0.2; kill -9 "$(exec sh -c 'echo $PPID')"; echo done >&3) &
read answer <&3
