# A trainer that is interrupted writes its checkpoint, which takes a moment. WORD is the signal to its group.
import os, signal, subprocess, sys, time
program = """
import signal, sys, time
def end(*_): raise KeyboardInterrupt
for name in ("SIGINT", "SIGTERM", "SIGHUP"): signal.signal(getattr(signal, name), end)
try:
    print("ready", flush=True)
    time.sleep(20)
except KeyboardInterrupt: pass
finally:
    time.sleep(0.4)
    open("checkpoint", "w").write("precious")
    print("written", flush=True)
"""
process = subprocess.Popen(sys.argv[1:] + ["python3", "-c", program], start_new_session=True, stdout=subprocess.PIPE, text=True)
process.stdout.readline()
time.sleep(0.1)
os.killpg(process.pid, getattr(signal, os.environ["WORD"]))
print(process.stdout.read(), process.wait())
