# The kernel's OOM killer takes a worker, and the parent fails with a code of its own: both are said.
import subprocess, sys
program = """
import concurrent.futures, sys
def take(mib): return len(bytearray(mib << 20))
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        try: print(pool.submit(take, 400).result())
        except concurrent.futures.process.BrokenProcessPool: sys.exit(1)
"""
# While the worker goes, the kernel may take its parent as well: then it's tried again.
for _ in range(5):
    run = subprocess.run(sys.argv[1:] + ["--memory", "150M", "--", "python3", "-c", program], stderr=subprocess.PIPE, text=True)
    if run.returncode != -9: break
if "by cgroup" not in " ".join(run.stderr.split()):
    print("there is no control group whose OOM killer could strike")
    sys.exit(77)
print(run.returncode, run.stderr)
sys.exit(run.returncode != 1 or "OOM killer" not in run.stderr)
