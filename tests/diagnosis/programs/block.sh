# The buffer of dd is larger than the addresses that it may have.
ulimit -v 150000
sleep 0.5
dd if=/dev/zero of=/dev/null bs=400M count=1
