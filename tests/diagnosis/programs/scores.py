"""Scores items in a pool; the model is part of what each task is called with, and travels with each."""
import time
from functools import partial
from multiprocessing import Pool


def score(model, item):
    time.sleep(0.05)
    return model[item % len(model)]


if __name__ == "__main__":
    model = bytearray(b"m" * (8 << 20))
    total = 0
    with Pool(2) as pool:
        for value in pool.imap(partial(score, model), range(45)):
            total += value
    print(total)
