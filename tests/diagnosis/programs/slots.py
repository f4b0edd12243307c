"""A table of slots in huge pages, of which one in thousands is in use."""
import mmap
import time

SLOT = 2 << 20
table = mmap.mmap(-1, 70 * SLOT, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
table.madvise(mmap.MADV_HUGEPAGE)
for number in range(70):
    place = (number * 37) % 70 * SLOT
    table[place:place + 8] = number.to_bytes(8, "little")
    time.sleep(0.02)
time.sleep(2)
