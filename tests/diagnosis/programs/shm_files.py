"""Each round leaves its result in a file in /dev/shm, for whoever may want it."""
import os, sys, time
rounds, kib = int(sys.argv[1]), int(sys.argv[2])
for number in range(rounds):
    with open(f"/dev/shm/round-{os.getpid()}-{number}", "wb") as file:
        file.write(os.urandom(1024) * kib)
    time.sleep(0.02)
for number in range(rounds):
    os.unlink(f"/dev/shm/round-{os.getpid()}-{number}")
