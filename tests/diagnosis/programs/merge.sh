# Merges into shared memory, in one go: dd says that there is no space left.
merged=/dev/shm/merged.$$
dd if=/dev/zero of="$merged" bs=128k count=64 2> /dev/null
sleep 0.5
dd if=/dev/zero of="$merged" bs=128k count=400 oflag=append conv=notrunc
status=$?
sleep 0.3
exit $status
