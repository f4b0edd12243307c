"""Marks its phases, and has a child process that takes memory."""

import subprocess
import sys

import whyoom

whyoom.mark("load")
block = bytearray(b"x") * (24 << 20)
whyoom.mark("work | hard")
child = "import time; block = bytearray(b'x') * (48 << 20); time.sleep(0.4)"
subprocess.run([sys.executable, "-c", child], check=True)
whyoom.done(1)
