"""Three stages, each a process with a block of shared memory, are killed one after the other; the blocks stay."""
import os
import signal
import time
from multiprocessing import Process, resource_tracker
from multiprocessing.shared_memory import SharedMemory


def stage(number):
    block = SharedMemory(create=True, size=9 << 20)
    resource_tracker.unregister(block._name, "shared_memory")
    block.buf[:] = bytes([number]) * (9 << 20)
    time.sleep(30)


if __name__ == "__main__":
    for number in range(3):
        process = Process(target=stage, args=(number,))
        process.start()
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        sum(range(10_000))
