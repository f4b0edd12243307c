# Five streams at once, and for each a tail that has to remember 28 MB.
for stream in 1 2 3 4 5; do
    (head -c 40000000 /dev/zero; sleep 3) | tail -c 28000000 > /dev/null &
    sleep 0.4
done
wait
