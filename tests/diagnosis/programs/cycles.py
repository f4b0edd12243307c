"""Cycles with large things in them, and a collector that comes rarely."""
import gc, sys, time
gc.disable()
class Node:
    pass
for number in range(int(sys.argv[1])):
    node = Node()
    node.self, node.data = node, bytearray(36 << 20)
    if number % 4 == 3:
        gc.collect()
    time.sleep(0.05)
