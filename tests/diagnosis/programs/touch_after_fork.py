"""Children read a list of the parent's, and count its references on the way."""
import os, sys, time
numbers = [str(number) * 4 for number in range(int(sys.argv[1]))]
time.sleep(0.2)
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        time.sleep(0.2)
        total = sum(len(number) for number in numbers)
        time.sleep(0.5)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
