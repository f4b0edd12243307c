"""The parent waits; the child imports rows and keeps all that it has imported, more of them as time goes on."""
import os
import time

child = os.fork()
if child == 0:
    rows = []
    for batch in range(120):
        for row in range(100 + 8 * batch):
            rows.append({"batch": batch, "row": row, "value": f"{batch}/{row}" * 20, "tags": [row] * 10})
        time.sleep(0.03)
    os._exit(0)
os.waitpid(child, 0)
