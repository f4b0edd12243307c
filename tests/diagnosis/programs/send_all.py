"""Each task carries the whole table."""
import multiprocessing, os, sys, time
def price(task):
    table, item = task
    time.sleep(0.02)
    return len(table) + item
if __name__ == "__main__":
    table = [str(number) for number in range(int(sys.argv[1]))]
    with multiprocessing.Pool(2) as pool:
        for item in range(int(sys.argv[2])):
            pool.apply(price, ((table, item),))
