"""Writes a table on the disk that is larger than the memory limit, then reads single rows of it at random."""
import os
import random
import tempfile
import time

ROW, ROWS = 4096, 40_000
with tempfile.TemporaryFile() as table:
    for block in range(ROWS // 200):
        table.write(bytes([block % 256]) * (ROW * 200))
        time.sleep(0.005)
    table.flush()
    os.fsync(table.fileno())
    pick = random.Random(5)
    total = 0
    for turn in range(60_000):
        total += os.pread(table.fileno(), 64, pick.randrange(ROWS) * ROW)[0]
        if turn % 1000 == 0:
            time.sleep(0.01)
print(total)
