# awk reads all, forgets all but the count, and goes on to compute.
seq 700000 | awk '
    { line[NR] = "line " $1 " of the tally" }
    END {
        for (n in line) { if (n % 500 == 0) kept[n] = line[n] " kept" }
        delete line
        for (i = 0; i < 30000000; i++) sum += i % 3
        for (n in kept) count++
        print sum, count
    }'
