# A limit on addresses that is never reached.
ulimit -v 4000000
seq 400000 | sort -r | awk '{ sum += $1 } END { print sum }'
sleep 0.5
seq 400000 | sort -n | tail -n 1
