"""A pool of processes starts while a thread reports under a lock; the first task reports too, and waits."""
import multiprocessing
import threading
import time

reports = []
reporting = threading.RLock()


def report(text, seconds):
    with reporting:
        reports.append(text)
        time.sleep(seconds)


def task(number):
    report(f"task {number}", 0)
    return number


if __name__ == "__main__":
    threading.Thread(target=report, args=("from the thread", 1.5)).start()
    while not reports:
        time.sleep(0.01)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(task, range(2)))
