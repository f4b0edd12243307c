# The shared memory of a sandbox is full: the command gets the error, and says so itself.
"$@" -q --shm 8M -- dd if=/dev/zero of=/dev/shm/big bs=1M count=20 2> err; code=$?
cat err
case $code in 1) grep -q 'No space' err ;; 125) echo "there is no /dev/shm of its own here"; exit 77 ;; *) exit 1 ;; esac
