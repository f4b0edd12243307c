# Commands that are recorded within one second are listed in their order.
import json, os, subprocess, sys
words = [f"{number}" for number in (7, 3, 9, 1, 8, 2, 6, 4)]
for word in words: subprocess.run(sys.argv[1:] + ["-q", "-m", word, "--", "true"], check=True)
listed = json.loads(subprocess.run([os.environ["LAB"], "ls", "--json"], stdout=subprocess.PIPE, check=True).stdout)
listed = [one["command"]["message"] for one in listed]
print(words, listed)
sys.exit(listed != words)
