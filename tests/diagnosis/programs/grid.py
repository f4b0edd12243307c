"""Makes a grid that doesn't fit into the limit on addresses: a MemoryError, with little memory in use."""
import resource
import time

resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))
rows = [bytearray(b"r" * (1 << 20)) for _ in range(16)]
time.sleep(1)
grid = bytearray(3 << 30)
print(len(rows), len(grid))
