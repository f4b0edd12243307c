# Names of processes, files and arguments with escape sequences and control characters: none reaches a terminal raw.
import os, subprocess, sys
program = r"""
import os, time, ctypes
name = b"a\nb\x1b]0;owned\x07\x1b[31m\xc2\x9b"
ctypes.CDLL(None).prctl(15, b"\x1b[31mred\x07", 0, 0, 0)
fd = os.memfd_create(name)
for _ in range(20): os.write(fd, b"x" * (1 << 20))
b = bytearray(30 << 20)
time.sleep(0.6)
"""
lab = os.environ["LAB"]
faults = []
def look(what, words):
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text = run.stdout + run.stderr
    bad = [byte for byte in text.replace(b"\n", b"") if byte < 32 or byte == 127] + ["C1"] * text.count(b"\xc2\x9b")
    if bad or run.returncode: faults.append((what, run.returncode, bad, text))
look("record", sys.argv[1:] + ["-m", "\x1b[31m message \x07", "--", "python3", "-c", program, "\x1b]0;title\x07", "a\nb"])
look("ls", [lab, "ls"])
look("show", [lab, "show", "-1"])
look("compare", [lab, "compare", "-1", "-1"])
for fault in faults: print(*fault)
sys.exit(bool(faults))
