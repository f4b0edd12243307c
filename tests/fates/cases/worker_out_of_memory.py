# The kernel's OOM killer takes a worker of a pool, and nobody else: its parent says so and ends as it wants to, each time.
import json, subprocess, sys
program = """
import concurrent.futures, sys
def job(mib): return len(bytearray(mib << 20))
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        futures = [pool.submit(job, mib) for mib in (10, 10, 600)]
        try: print(sum(future.result() for future in futures))
        except concurrent.futures.process.BrokenProcessPool: sys.exit(5)
"""
open("pool.py", "w").write(program)
codes = []
for _ in range(20):
    run = subprocess.run(sys.argv[1:] + ["-q", "--memory", "300M", "--json", "summary.json", "--", "python3", "pool.py"], stderr=subprocess.DEVNULL)
    if "without a control group" in open("summary.json").read():
        print("the run has no control group")
        sys.exit(77)
    codes.append(run.returncode)
print(codes)
sys.exit(0 if codes == [5] * 20 else 1)
