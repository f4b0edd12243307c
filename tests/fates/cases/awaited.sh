# Read by cases that wait for a file. A command that never starts makes none, and must not keep them waiting.
awaited() {
    i=0
    while [ ! -f "$1" ]; do
        [ $i -lt 1200 ] || { echo "$1 isn't there after a minute"; exit 1; }
        sleep 0.05
        i=$((i + 1))
    done
}
