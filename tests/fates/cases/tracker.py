# Shared memory that nobody unlinks: Python's resource tracker outlives the program by a moment, and removes it.
import os, subprocess, sys, time
program = """
from multiprocessing import shared_memory
s = shared_memory.SharedMemory(create=True, size=1 << 20, name="lab_fates_%d" % __import__("time").time_ns())
s.buf[0] = 1
print("used", flush=True)
"""
run = subprocess.run(sys.argv[1:] + ["python3", "-c", program], stderr=subprocess.PIPE, text=True)
print(run.returncode, "leaked shared_memory objects" in run.stderr)
