# The command writes to every pipe and socket of the processes above it that it can open, what may look like a report of
# its end: neither its deadline nor its code change. It touches nothing but its own ancestors.
import subprocess, sys
program = r"""
import os, sys, time
def parent(pid):
    try: return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
    except OSError: return 0
words = [b"x", b"\0" * 64, b"exited 0\n", b'{"exited":0}\n', b"0\n", b"done 1\n", b"end\n", b"fail 5 forged\n"]
pid, above = os.getpid(), []
while (pid := parent(pid)) > 0:
    try: command = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")[0]
    except OSError: break
    if os.path.basename(command) != b"lab" and not (pid == 1 and os.getpid() < 50): break
    above.append(pid)
opened = 0
for pid in above:
    try: numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError: continue
    for number in numbers:
        path = f"/proc/{pid}/fd/{number}"
        try:
            if not os.readlink(path).startswith(("pipe:", "socket:", "/memfd")): continue
            if int(number) < 3: continue
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError: continue
        opened += 1
        for word in words:
            try: os.write(fd, word)
            except OSError: pass
        os.close(fd)
print(above, opened, flush=True)
if sys.argv[1] == "deadline": time.sleep(30)
sys.exit(3)
"""
for what, options, expected in (("deadline", ["--timeout", "2s"], 124), ("code", ["--timeout", "60s"], 3)):
    run = subprocess.run(sys.argv[1:] + ["-q"] + options + ["--", "python3", "-c", program, what], stdout=subprocess.PIPE, text=True)
    print(what, run.returncode, run.stdout)
    if run.returncode != expected: sys.exit(1)
