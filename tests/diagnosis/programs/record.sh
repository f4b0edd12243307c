# Copies a tape with one record that is larger than the memory limit.
sleep 0.5
dd if=/dev/zero of=/dev/null bs=150M count=3
