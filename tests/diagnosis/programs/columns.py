"""Each column becomes a sealed memory file; the map is dropped after use, but the descriptor isn't closed."""
import mmap
import os
import time

columns = []
for number in range(20):
    file = os.memfd_create(f"column-{number}")
    os.ftruncate(file, 3 << 20)
    with mmap.mmap(file, 3 << 20) as view:
        view[:] = bytes([number + 1]) * (3 << 20)
    columns.append(file)
    time.sleep(0.1)
time.sleep(2)
print(len(columns))
