# The recorder of 301 processes may have no more than 64 descriptors: it sees all of them.
import json, resource, subprocess, sys
program = """
import os, time
end, begin = os.pipe()
for _ in range(300):
    if os.fork() == 0:
        os.close(begin)
        os.read(end, 1)
        os._exit(0)
time.sleep(3)
"""
limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
run = subprocess.run(sys.argv[1:] + ["-q", "--json", "summary.json", "--", "python3", "-c", program], preexec_fn=limit)
peaks = json.load(open("summary.json"))["peaks"]
print(run.returncode, peaks)
# Each has some MiB resident, most of it shared.
sys.exit(0 if run.returncode == 0 and peaks["processes"] == 301 and peaks["rss"] > 301 << 21 else 1)
