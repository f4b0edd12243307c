"""One of the workers is killed in the middle of its task; the pool starts another, but nobody has that task."""
import os
import signal
import time
from multiprocessing import Pool


def resize(number):
    time.sleep(0.05)
    if number == 11:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


if __name__ == "__main__":
    with Pool(3) as pool:
        print(sum(pool.map(resize, range(30), chunksize=1)))
