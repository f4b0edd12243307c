# What a program reads of itself, its own peak among it, isn't changed by who looks. Where the recorder must reset it,
# the summary says so.
import subprocess, sys
program = """
import mmap, resource, time
m = mmap.mmap(-1, 100 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for i in range(0, 100 << 20, 4096): m[i] = 1
m.close(); time.sleep(0.3)
own = [int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")][0]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10 >= 100, own >> 10 >= 100)
"""
run = subprocess.run(sys.argv[1:] + ["--", "python3", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
said = " ".join(run.stderr.split())
print(run.returncode, run.stdout, said)
is_said = "without a control group" in said and "VmHWM in /proc/PID/status, reset through clear_refs" in said
sys.exit(run.returncode != 0 or run.stdout != "True True\n" and not is_said)
