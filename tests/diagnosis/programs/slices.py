"""Maps a file of the disk, which is given, and reads it through in slices, from the end to the start."""
import mmap
import sys
import time

SLICE = 1 << 20
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
    total = 0
    for start in range(len(view) - SLICE, -1, -SLICE):
        total += view[start:start + SLICE].count(b"7")
        time.sleep(0.02)
    time.sleep(1)
print(total)
