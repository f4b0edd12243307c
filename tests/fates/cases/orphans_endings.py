# Grandchildren that lost their parent are ended by each signal, and the command goes on.
import os, resource, signal, sys, subprocess
program = """
import os, resource, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for signal in range(1, 65):
    if signal in (19, 20, 21, 22): continue
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(0.2)
            os.kill(os.getpid(), signal)
            os._exit(0)
        os._exit(0)
    os.wait()
time.sleep(0.6)
print("it goes on")
"""
sys.exit(subprocess.run(sys.argv[1:] + ["python3", "-c", program]).returncode)
