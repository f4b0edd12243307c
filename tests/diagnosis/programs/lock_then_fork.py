"""A thread holds a lock while the process forks."""
import os, threading, time
lock = threading.Lock()
def hold():
    with lock:
        time.sleep(0.5)
threading.Thread(target=hold).start()
time.sleep(0.1)
child = os.fork()
if child == 0:
    with lock:
        os._exit(0)
os.waitpid(child, 0)
