# Two jobs keep their work in shared memory and end without their traps, as by kill -9; the queue waits for more.
for job in 1 2; do
    sh -c 'head -c 14000000 /dev/zero > /dev/shm/job.$$; sleep 0.3; kill -9 $$'
done
turn=0
while [ $turn -lt 25 ]; do
    sleep 0.1
    turn=$((turn + 1))
done
