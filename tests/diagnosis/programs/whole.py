"""Reads a file, which is given, as a whole, because the work needs all of it at once."""
import sys
import time

header = open(sys.argv[1], "rb").read(4096)
time.sleep(1)
with open(sys.argv[1], "rb") as file:
    content = bytearray(file.read())
content.reverse()
print(len(header), content.count(b"a"))
