"""Holds one thing for a while, then needs a much larger one at once."""
import sys, time
small = bytearray(10 << 20)
time.sleep(0.6)
large = bytearray(int(sys.argv[1]) << 20)
time.sleep(0.2)
