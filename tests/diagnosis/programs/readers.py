"""Four children only read what the parent has made, but to read an object is to count a reference to it."""
import os
import time

words = [f"word number {number}" for number in range(450_000)]
for reader in range(4):
    if os.fork() == 0:
        kept = []
        for start in range(0, len(words), 15_000):
            kept[:] = words[start:start + 15_000]
            time.sleep(0.06)
        time.sleep(1)
        os._exit(0)
for reader in range(4):
    os.wait()
