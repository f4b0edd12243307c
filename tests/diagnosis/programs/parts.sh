# Cuts a stream into parts in shared memory; the step that should remove them is missing.
part=0
while [ $part -lt 44 ]; do
    head -c 900000 /dev/zero | tr '\0' 'p' > "/dev/shm/part.$$.$part" || exit 1
    part=$((part + 1))
    sleep 0.05
done
