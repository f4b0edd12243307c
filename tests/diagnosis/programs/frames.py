"""Workers hand each frame over in a new block of shared memory; the reader closes it, and nobody unlinks it."""
import time
from multiprocessing import Pool
from multiprocessing.shared_memory import SharedMemory

FRAME = 700 * 1024


def decode(number):
    block = SharedMemory(create=True, size=FRAME)
    block.buf[:] = bytes([number % 256]) * FRAME
    block.close()
    time.sleep(0.08)
    return block.name


if __name__ == "__main__":
    total = 0
    with Pool(2) as pool:
        for name in pool.imap(decode, range(70)):
            frame = SharedMemory(name)
            total += frame.buf[FRAME // 2]
            frame.close()
    print(total)
