"""Two blocks of shared memory, made once and used for each of the tasks."""
import time
from multiprocessing import Pool
from multiprocessing.shared_memory import SharedMemory

SIZE = 8 << 20


def fill(task):
    name, number = task
    board = SharedMemory(name)
    board.buf[:] = bytes([number % 256]) * SIZE
    board.close()
    return number


if __name__ == "__main__":
    boards = [SharedMemory(create=True, size=SIZE) for _ in range(2)]
    with Pool(2) as pool:
        for number in range(60):
            pool.map(fill, [(board.name, number) for board in boards])
            time.sleep(0.01)
    for board in boards:
        board.close()
        board.unlink()
