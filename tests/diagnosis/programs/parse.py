"""Parses a large document into small objects, keeps a few from all over it, and works on with those."""
import time

nodes = []
for number in range(500_000):
    nodes.append({"n": number} if number % 4 == 0 else (number, str(number)))
    if number % 5000 == 0:
        time.sleep(0.01)
kept = nodes[::1500]
del nodes
end = time.monotonic() + 3.5
turns = 0
while time.monotonic() < end:
    turns += sum(len(node) for node in kept)
print(turns)
