# The command shuts its channel down, floods it, or fills it with what makes no sense (WORD): it ends as ever, and the
# recorder takes neither a processor nor memory without bound for it.
import os, resource, subprocess, sys, time
program = """
import os, socket, sys, time
channel = socket.socket(fileno=int(os.environ["LAB_CHANNEL"]))
word = os.environ["WORD"]
channel.setblocking(False)
def flood(line, times):
    for _ in range(times):
        try: channel.send(line)
        except BlockingIOError: time.sleep(0.001)
        except OSError: return
if word == "shut_down":
    channel.shutdown(socket.SHUT_RDWR); time.sleep(2)
elif word == "half_shut_down":
    channel.shutdown(socket.SHUT_WR); time.sleep(2)
elif word == "wait_flood": flood(b"wait\\n" * 1000, 300)
elif word == "mark_flood": flood(b"".join(b"mark m%d\\n" % i for i in range(1000)), 300)
elif word == "garbage": flood(os.urandom(50000), 100)
elif word == "long_line": flood(b"mark " + b"x" * 60000, 1000)
sys.exit(3)
"""
began = time.time()
run = subprocess.run(sys.argv[1:] + ["-q", "--", "python3", "-c", program])
took = time.time() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
busy = (used.ru_utime + used.ru_stime) / took
print(run.returncode, f"{busy:.2f} of a processor, {used.ru_maxrss >> 10} MiB")
idle = os.environ["WORD"].endswith("down")
sys.exit(run.returncode != 3 or used.ru_maxrss >> 10 > 200 or idle and busy > 0.5)
