# Counts visitors: awk keeps every line that it has seen.
batch=0
while [ $batch -lt 80 ]; do
    seq $((batch * 8000)) $((batch * 8000 + 7999))
    sleep 0.05
    batch=$((batch + 1))
done | awk '{ seen["visitor number " $1] = "first seen on line " NR } END { for (key in seen) n++; print n }'
