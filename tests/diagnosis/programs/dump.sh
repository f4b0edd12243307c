# Dumps to the disk, checks the dump, and reads it once more.
dump=$(mktemp "${TMPDIR:-/tmp}/dump-XXXXXX")
trap 'rm -f "$dump"' EXIT
part=0
while [ $part -lt 28 ]; do
    head -c 5000000 /dev/zero >> "$dump"
    sleep 0.03
    part=$((part + 1))
done
cksum < "$dump"
cat "$dump" > /dev/null
sleep 0.5
cksum < "$dump"
