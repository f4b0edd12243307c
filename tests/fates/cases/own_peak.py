# What a program reads of itself, its own peak among it, isn't changed by who looks.
import subprocess, sys
program = """
import mmap, resource, time
m = mmap.mmap(-1, 100 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for i in range(0, 100 << 20, 4096): m[i] = 1
m.close(); time.sleep(0.3)
own = [int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")][0]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10 >= 100, own >> 10 >= 100)
"""
sys.exit(subprocess.run(sys.argv[1:] + ["python3", "-c", program]).returncode)
