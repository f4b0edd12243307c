# Streams are the command's own: closed, a file, a pipe that breaks.
echo typed | "$@" sh -c 'cat; echo other >&2; exit 3'; echo $?
"$@" sh -c 'echo closed >&2; exit 4' >&-; echo $?
# A closed input is an empty one below a program in Rust, whose library opens /dev/null before all else.
"$@" sh -c 'exit 5' <&-; echo $?
"$@" sh -c 'exit 6' <&- >&- 2>&-; echo $?
"$@" sh -c 'yes' | head -n 2
"$@" sh -c 'for fd in 3 5 9 63; do [ -e /proc/self/fd/$fd ] && echo $fd; done; exit 7' 5> five 9> nine 63> many | grep -v '^3$'
