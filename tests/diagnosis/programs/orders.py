"""Orders and their lines refer to each other; the collector is off, and runs by hand once in a while."""
import gc
import time


class Order:
    def __init__(self):
        self.scan = bytearray(b"s" * 200_000)
        self.lines = [self]


gc.disable()
for number in range(2000):
    Order()
    if number % 400 == 399:
        gc.collect()
    time.sleep(0.0018)
