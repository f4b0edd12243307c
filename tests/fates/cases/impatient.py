# Ctrl-C again and again reaches the command each time: it counts to three and gives up.
import os, signal, subprocess, sys, time
program = """
import os, signal, sys, time
got = 0
def count(*_):
    global got
    got += 1
    os.write(1, b"%d\n" % got)
    if got == 3: sys.exit(9)
signal.signal(signal.SIGINT, count)
print("ready", flush=True)
for _ in range(400): time.sleep(0.05)
"""
process = subprocess.Popen(sys.argv[1:] + ["python3", "-c", program], start_new_session=True, stdout=subprocess.PIPE, text=True)
print(process.stdout.readline().strip())
for _ in range(3):
    os.killpg(process.pid, signal.SIGINT)
    print(process.stdout.readline().strip())
print(process.wait())
