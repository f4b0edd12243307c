"""Appends to one spool file in shared memory until the write fails, and gives up with the error."""
import os
import sys
import time

path = f"/dev/shm/spool-{os.getpid()}"
entry = os.urandom(300_000)
with open(path, "wb", buffering=0) as spool:
    try:
        for _ in range(400):
            written = spool.write(entry)
            if written < len(entry):
                spool.write(entry[written:])
            time.sleep(0.02)
    except OSError as error:
        print(error, file=sys.stderr)
        time.sleep(0.3)
        sys.exit(1)
