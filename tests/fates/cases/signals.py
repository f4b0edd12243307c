# Each signal that a user or a batch system sends, to the first process or to its whole group (WORD): the command
# gets it once, needs a moment to put its things away, and ends with its own code.
import os, signal, subprocess, sys, time
names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGCONT", "SIGWINCH", "SIGRTMIN", "SIGALRM"]
program = """
import signal, sys, time
got = []
signal.signal(getattr(signal, sys.argv[1]), lambda *_: got.append(sys.argv[1]))
print("ready", flush=True)
end = time.time() + 20
while time.time() < end and not got: time.sleep(0.02)
time.sleep(0.4)
print("got", *got, "and put all away", flush=True)
sys.exit(42)
"""
def start(name):
    command = sys.argv[1:] + ["python3", "-c", program, name]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, text=True)
# Three at a time: the machine may be small.
for some in (names[i:i + 3] for i in range(0, len(names), 3)):
    started = [(name, start(name)) for name in some]
    for name, process in started: process.stdout.readline()
    time.sleep(0.2)
    for name, process in started:
        (os.kill if os.environ["WORD"] == "one" else os.killpg)(process.pid, getattr(signal, name))
    for name, process in started: print(name, process.stdout.read().strip(), process.wait())
