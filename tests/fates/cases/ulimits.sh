# Limits of the shell hold for the command, and harm nothing else. WORD is the option of ulimit(1).
case $WORD in
f) ulimit -f 1; ulimit -c 0; "$@" sh -c 'exit 3'; echo $?; "$@" head -c 100000 /dev/zero > big; echo $? ;;
n) ulimit -n 16; "$@" sh -c 'ulimit -n; exit 3'; echo $? ;;
v) ulimit -v 200000; "$@" sh -c 'ulimit -v; exit 3'; echo $? ;;
s) ulimit -s 256; "$@" sh -c 'ulimit -s; exit 3'; echo $? ;;
t) ulimit -c 0; "$@" sh -c 'ulimit -t 1; while :; do :; done'; echo $? ;;
esac
