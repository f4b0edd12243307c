"""A pool of processes starts while a thread is inside a log handler; the first task logs, and waits."""
import logging
import multiprocessing
import threading
import time


class Slow(logging.StreamHandler):
    def emit(self, record):
        time.sleep(1)


log = logging.getLogger("app")
log.addHandler(Slow())


def task(number):
    log.warning("task %d", number)
    return number


if __name__ == "__main__":
    threading.Thread(target=log.warning, args=("from the thread",)).start()
    time.sleep(0.2)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(task, range(2)))
