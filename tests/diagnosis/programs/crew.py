"""Three workers that fit into the limit, with room to spare."""
import time
from multiprocessing import Pool


def work(number):
    field = bytearray(b"f" * (12 << 20))
    time.sleep(0.1)
    return sum(field[::4096]) + number


if __name__ == "__main__":
    with Pool(3) as pool:
        print(sum(pool.map(work, range(36), chunksize=1)))
