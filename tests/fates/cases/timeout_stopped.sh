# The clock goes on for a command that is stopped.
"$@" -q --timeout 1s -- sh -c 'kill -STOP $$; exit 3'
[ $? = 124 ]
