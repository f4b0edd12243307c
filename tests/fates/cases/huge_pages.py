# 128 MiB in huge pages come and go all the time: each is known to be the program's, however fast.
import json, subprocess, sys
program = """
import mmap, time
end = time.monotonic() + 3
while time.monotonic() < end:
    pages = mmap.mmap(-1, 128 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, 128 << 20, 1 << 21): pages[at] = 1
    pages.close()
"""
if open("/sys/kernel/mm/transparent_hugepage/enabled").read().endswith("[never]\n"):
    print("there are no huge pages")
    sys.exit(77)
run = subprocess.run(sys.argv[1:] + ["-q", "--json", "summary.json", "--", "python3", "-c", program])
peaks = json.load(open("summary.json"))["peaks"]
if "cgroup" not in peaks:
    print("the run has no control group")
    sys.exit(77)
print(run.returncode, peaks)
is_known = peaks["unattributed"] < peaks["cgroup"] / 8 and peaks["cgroup_huge_pages"] > 100 << 20
sys.exit(0 if run.returncode == 0 and is_known else 1)
