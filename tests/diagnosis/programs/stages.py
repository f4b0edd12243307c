"""Three stages, each a process with a block of shared memory, are killed one after the other; the blocks stay."""
import os
import signal
import time
from multiprocessing import Event, Process, resource_tracker
from multiprocessing.shared_memory import SharedMemory

SIZE = 9 << 20


def stage(number, ready):
    block = SharedMemory(create=True, size=SIZE)
    resource_tracker.unregister(block._name, "shared_memory")
    block.buf[:] = bytes([number + 1]) * SIZE
    ready.set()
    time.sleep(30)


if __name__ == "__main__":
    for number in range(3):
        ready = Event()
        process = Process(target=stage, args=(number, ready))
        process.start()
        ready.wait()
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        sum(range(10_000))
