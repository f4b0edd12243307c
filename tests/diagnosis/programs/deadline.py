"""Kills a child that takes too long, as agreed, notes it, and works on."""
import subprocess
import sys
import time

done = 0
for number in range(4):
    limit = 0.3
    child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({5 if number % 2 else 0.05})"])
    try:
        child.wait(timeout=limit)
        done += 1
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
end = time.monotonic() + 2
while time.monotonic() < end:
    sum(range(5000))
print(done)
