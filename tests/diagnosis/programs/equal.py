"""Equal workers, each with a table of its own."""
import multiprocessing, sys, time
def work(mib):
    time.sleep(0.3)
    table = bytearray(mib << 20)
    time.sleep(1.0)
    return len(table)
if __name__ == "__main__":
    count, mib = int(sys.argv[1]), int(sys.argv[2])
    workers = [multiprocessing.Process(target=work, args=(mib,)) for _ in range(count)]
    for worker in workers:
        worker.start()
        time.sleep(0.05)
    codes = []
    for worker in workers:
        worker.join()
        codes.append(worker.exitcode)
    sys.exit(any(codes))
