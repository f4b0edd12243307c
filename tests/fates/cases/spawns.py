# A parent of 200 MiB starts small commands again and again, by vfork: at no time is there more than 200 MiB and a bit.
import subprocess, sys
program = """
import subprocess
b = bytearray(200 << 20)
for _ in range(300): subprocess.run(["true"])
print("all done")
"""
sys.exit(subprocess.run(sys.argv[1:] + ["python3", "-c", program]).returncode)
