"""Ten threads, started one by one, each load readings of 2 KB, drop them but the last, and wait for the next."""
import threading
import time

closing = threading.Event()


def load():
    readings = [bytes([number % 256]) * 2000 for number in range(6000)]
    time.sleep(0.1)
    last = readings.pop()
    readings.clear()
    closing.wait()
    return last


threads = [threading.Thread(target=load) for _ in range(10)]
for thread in threads:
    thread.start()
    time.sleep(0.3)
time.sleep(1)
closing.set()
for thread in threads:
    thread.join()
