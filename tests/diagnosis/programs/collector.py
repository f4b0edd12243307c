"""The parent has many small objects. Each child collects garbage, of which there is none: the marks are writes."""
import gc
import os
import time

points = [[number, (number, number + 1)] for number in range(300_000)]
gc.collect()
for child in range(3):
    if os.fork() == 0:
        time.sleep(0.3 * child)
        gc.collect()
        time.sleep(2)
        os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
