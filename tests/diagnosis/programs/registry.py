"""A thread updates a registry under a lock, again and again; a process that is forked meanwhile needs the lock."""
import os
import threading
import time

lock = threading.Lock()
registry = {}


def update():
    for turn in range(200):
        with lock:
            registry[turn] = turn
            time.sleep(0.01)


threading.Thread(target=update).start()
time.sleep(0.3)
children = []
for number in range(3):
    while not lock.locked():
        time.sleep(0)
    child = os.fork()
    if child == 0:
        with lock:
            os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
