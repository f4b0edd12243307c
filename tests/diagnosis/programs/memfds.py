"""A file in memory for each message, and no close."""
import os, sys, time
kept = []
for number in range(int(sys.argv[1])):
    fd = os.memfd_create(f"message-{number}")
    os.write(fd, bytes(1 << 20))
    kept.append(fd)
    time.sleep(0.02)
