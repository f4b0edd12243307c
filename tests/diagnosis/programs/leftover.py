"""A worker with a large segment is killed; the program goes on without it."""
import os, signal, time
child = os.fork()
if child == 0:
    with open(f"/dev/shm/segment-{os.getpid()}", "wb") as file:
        file.write(bytes(48 << 20))
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
time.sleep(1)
