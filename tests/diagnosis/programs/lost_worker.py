"""A worker of a pool is killed in its task, and the pool waits for the answer."""
import multiprocessing, os, signal, time
def work(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(work, range(6), chunksize=1))
