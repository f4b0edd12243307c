"""Seven replicas load the same model, at the same time, each for itself."""
import sys
import time
from multiprocessing import Process


def serve():
    model = bytearray()
    for _ in range(20):
        model += b"m" * (1 << 20)
        time.sleep(0.02)
    for _ in range(100):
        sum(model[::4096])
        time.sleep(0.02)


if __name__ == "__main__":
    replicas = [Process(target=serve) for _ in range(7)]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    sys.exit(any(replica.exitcode for replica in replicas))
