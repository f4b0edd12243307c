"""The instance that travels with its method, with joblib: a bound method is pickled as its instance and a name."""

import glob
import operator
import os
import secrets
import socket
import threading
from functools import reduce

import numpy as np
from joblib import Parallel, delayed

import labkit
import labpeer


def broken(bench, backend="loky"):
    shop = Shop(bench)
    labkit.mark("shop open")
    with pool(bench, backend) as workers:
        wire, gate = begin(bench, workers)
        # Broken: a bound method is its shop and its name, so every price travels with every order.
        work(wire, gate, workers, (delayed(shop.total)(order) for order in orders(bench, gate)))
    labkit.mark("pool closed")


def broken_multiprocessing(bench):
    broken(bench, "multiprocessing")


def broken_lambda(bench):
    shop = Shop(bench)
    labkit.mark("shop open")
    with pool(bench) as workers:
        wire, gate = begin(bench, workers)
        # Broken: what a lambda names, it takes along. Here that is the shop.
        work(wire, gate, workers, (delayed(lambda order: shop.total(order))(order) for order in orders(bench, gate)))
    labkit.mark("pool closed")


def batched(bench):
    shop = Shop(bench)
    labkit.mark("shop open")
    with pool(bench, batch_size=2, pre_dispatch="all") as workers:
        wire, gate = begin(bench, workers)
        # Broken: a message with two orders has one shop in it, and there are half as many messages.
        work(wire, gate, workers, (delayed(shop.total)(order) for order in orders(bench, gate, 2)))
    labkit.mark("pool closed")


def fixed(bench, backend="loky"):
    shop = Shop(bench)
    labkit.mark("shop open")
    with pool(bench, backend) as workers:
        wire, gate = begin(bench, workers)
        # Fixed: a static method has no instance, and is given the few numbers that it needs.
        jobs = (delayed(Shop.total_of)(shop.bill(order), shop.rate) for order in orders(bench, gate))
        work(wire, gate, workers, jobs)
    labkit.mark("pool closed")


def fixed_multiprocessing(bench):
    fixed(bench, "multiprocessing")


def fixed_array(bench):
    # Fixed: an array is the same object in every message, and joblib writes it to a file, once.
    shop = ArrayShop(bench)
    labkit.mark("shop open")
    with pool(bench) as workers:
        wire, gate = begin(bench, workers)
        work(wire, gate, workers, (delayed(shop.total)(order) for order in orders(bench, gate)))
    labkit.mark("pool closed")


def fixed_init(bench, backend="loky"):
    shop = Shop(bench)
    labkit.mark("shop open")
    wire = Wire(bench)
    # Fixed: each worker is given the shop when it starts, and keeps it.
    with pool(bench, backend, initializer=keep, initargs=(shop,)) as workers:
        _, gate = begin(bench, workers)
        work(wire, gate, workers, (delayed(total_of_kept)(order) for order in orders(bench, gate)))
    labkit.mark("pool closed")


def fixed_fork(bench):
    # Fixed: a forked worker finds the shop in its memory, so that nothing is sent at all.
    fixed_init(bench, "multiprocessing")


def threads_arc(bench):
    # Fixed: threads share one heap, and a bound method is a handle on its instance.
    broken(bench, "threading")


class Shop:
    """A large thing, of which an order needs very little."""

    def __init__(self, bench):
        records = bench.size("records")
        numbers = bench.array(records * 8 // (1 << 20) + 1)
        self.prices = self.priced(numbers[:records].copy())
        self.rate = 1.0 + float(numbers[0])

    def priced(self, prices):
        return {name(article): price for article, price in enumerate(prices.tolist())}

    def price(self, article):
        return self.prices[name(article)]

    def bill(self, order):
        """The prices of an order, and the name of the gate that it goes to."""
        articles, gate = order
        return [self.price(article) for article in articles], gate

    def total(self, order):
        """What an order comes to: a method, and so it is given the whole shop."""
        return self.total_of(self.bill(order), self.rate)

    @staticmethod
    def total_of(bill, rate):
        """The same for someone who has looked up the prices."""
        prices, gate = bill
        if gate:
            pass_gate(gate)
        # One by one, as in Rust: the sum() of newer versions of Python has less of an error.
        return float(reduce(operator.add, prices) * rate)

    def __getstate__(self):
        Shop.serialised += 1
        return self.__dict__

    serialised = 0


class ArrayShop(Shop):
    """A shop that keeps its prices in an array."""

    def priced(self, prices):
        return prices

    def price(self, article):
        return self.prices[article]


def name(article):
    """All names are of the same length, so that all shops of a run are of the same size on the wire."""
    return f"article {article:08}"


def keep(shop):
    """What a worker does first where it is given a shop to keep."""
    global kept
    kept = shop


def total_of_kept(order):
    return kept.total(order)


def pool(bench, backend="loky", **options):
    """A pool that maps large arrays. One task makes one message, unless it is told otherwise."""
    asked = {
        "max_nbytes": bench.size("threshold_kib") << 10,
        "temp_folder": bench.shm,
        "batch_size": 1,
    }
    return Parallel(bench.size("workers"), backend=backend, **(asked | options))


def begin(bench, workers):
    """Starts the workers, so that what is sent from here on is tasks, and sets up the gate."""
    workers(delayed(int)() for _ in range(bench.size("workers")))
    labkit.mark("tasks begin")
    return Wire(bench), Gate(bench.size("workers"))


def orders(bench, gate, batch=1):
    """An order for each task, of so many articles, one after the other and from the start again.

    The first one of each of the first batches goes to the gate.
    """
    articles, records = bench.size("articles"), bench.size("records")
    for order in range(bench.size("tasks")):
        first = order * articles
        waits = order % batch == 0 and order // batch < bench.size("workers")
        yield [article % records for article in range(first, first + articles)], waits and gate.name


def work(wire, gate, workers, jobs):
    """Does the jobs, and states what was sent and what came of it."""
    # This thread waits for the jobs, so another one waits at the gate. They never speak at once.
    opener = threading.Thread(target=gate.open, args=[lambda: labkit.mark("workers hold their jobs")], daemon=True)
    opener.start()
    totals = workers(jobs)
    opener.join()
    labkit.done(len(totals))
    wire.state()
    labkit.fact("shops_serialised", Shop.serialised)
    labkit.fact("checksum", labpeer.checksum(np.array(totals)))
    labkit.mark("tasks done")


class Wire:
    """Counts the bytes that this process writes, by proc_pid_io(5), without those of files."""

    def __init__(self, bench):
        self._files = os.path.join(bench.shm, "joblib_memmapping_folder_*", "*.pkl")
        self._before = written()

    def state(self):
        files = glob.glob(self._files)
        labkit.fact("bytes_sent", written() - self._before - sum(map(os.path.getsize, files)))
        labkit.fact("files_written", len(files))


def written():
    with open("/proc/self/io") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))


class Gate:
    """A point that jobs pass together, and only when all of them have come, as labkit has it."""

    def __init__(self, jobs):
        self.name, self._jobs = f"\0labpeer gate {secrets.token_hex(8)}", jobs
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.name)
        self._socket.listen(jobs)

    def open(self, look):
        """Waits until all jobs have come, then looks, and then lets them pass."""
        waiting = [self._socket.accept()[0] for _ in range(self._jobs)]
        look()
        for job in waiting:
            job.close()


def pass_gate(name):
    with socket.socket(socket.AF_UNIX) as job:
        job.connect(name)
        job.recv(1)


if __name__ == "__main__":
    # What the main script defines is sent by value with every task. What can be imported goes by its name.
    import peer

    labpeer.run(
        {
            "broken": peer.broken,
            "broken-multiprocessing": peer.broken_multiprocessing,
            "broken-lambda": peer.broken_lambda,
            "batched": peer.batched,
            "fixed": peer.fixed,
            "fixed-multiprocessing": peer.fixed_multiprocessing,
            "fixed-array": peer.fixed_array,
            "fixed-init": peer.fixed_init,
            "fixed-fork": peer.fixed_fork,
            "threads-arc": peer.threads_arc,
        }
    )
