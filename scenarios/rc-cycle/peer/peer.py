"""The matrix that keeps itself alive, in Python: the QuantileDMatrix of XGBoost, and the least that does it.

Which XGBoost there is follows from the environment: 2.1.4 is the last one whose matrix is a ring. It is loaded
where it is needed, as it brings many objects for the collector to look at.
"""

import gc
import os
import statistics
import sys
import threading
import time
import weakref

import numpy as np
from joblib import Parallel, delayed

import labkit
import labpeer


# How long a task in a worker goes on, as if it learnt from its matrix: a worker is seldom without one.
REST = 0.01

# What makes a label of 6 MiB.
ROWS, LABELS = 4096, 192


def quantile_matrix(data, label):
    import xgboost

    # Broken: before 3.0.0 the iterator over the data stores two callbacks, and each of them is bound to it.
    xgboost.QuantileDMatrix(data, label=label, nthread=1)


def plain_matrix(data, label):
    import xgboost

    # Fixed: it reads its data without an iterator.
    xgboost.DMatrix(data, label=label, nthread=1)


class Circular:
    def __init__(self, data, label):
        self.data, self.label = data, label
        # Broken: whoever holds itself is never let go.
        self.itself = self


class Weak:
    def __init__(self, data, label):
        self.data, self.label = data, label
        # Fixed: a weak reference does not count.
        self.itself = weakref.ref(self)


def one_by_one(bench, build, collect_every=None):
    """Does the tasks one after the other, and collects after every so many of them."""
    data, label = begin(bench, build)
    ledger, total = Ledger(bench.size("objects")), 0
    labkit.mark("tasks begin")
    for index in range(1, bench.size("tasks") + 1):
        total += task(ledger, build, data, label, index)
        if collect_every and index % collect_every == 0:
            gc.collect()
        ledger.done()
    ledger.finish(total)


def in_threads(bench, build, collect=lambda: None):
    """Does the tasks on many threads at once, and collects after each of them where that is asked for."""
    data, label = begin(bench, build)
    ledger = Ledger(bench.size("objects"))

    def job(index):
        total = task(ledger, build, data, label, index)
        collect()
        ledger.done()
        return total

    labkit.mark("tasks begin")
    indices = range(1, bench.size("tasks") + 1)
    totals = Parallel(bench.size("threads"), backend="threading")(map(delayed(job), indices))
    ledger.finish(sum(totals))


def task(ledger, build, data, label, index):
    """Builds from a copy of the data that is its own, and keeps nothing."""
    own = data * index
    ledger.enter(own, index)
    total = labpeer.checksum(own)
    build(own, label)
    return total


def begin(bench, build):
    """Data and label, as large as one another, and the evidence: how many hold them, before a matrix and after."""
    data, label = arrays(bench)

    def count(when):
        # The call itself is one of those that it counts.
        labkit.fact(f"handles_{when}", sys.getrefcount(data) - 1)
        labkit.fact(f"label_handles_{when}", sys.getrefcount(label) - 1)

    count("before")
    if build is quantile_matrix:
        plain_matrix(data, label)
    count("after_plain")
    gc.collect()
    build(data, label)
    count("after_this")
    labkit.fact("objects_left", gc.collect())
    count("after_collection")
    return data, label


def arrays(bench):
    numbers = bench.array(-(-bench.size("matrix_kib") // 1024))
    data = numbers[: bench.size("matrix_kib") * 128].reshape(-1, 1).copy()
    label = data[:, 0].copy()
    del numbers
    labkit.mark("data made")
    return data, label


class Ledger:
    """What became of the copies: one entry for each of them that lives.

    An entry is one object for the collector to count, beside those of the matrix.
    """

    def __init__(self, objects):
        # The number of CPython up to 3.12; newer ones wait for 2000.
        gc.set_threshold(objects)
        self._before, self._young_before = full_collections(), young_collections()
        # A copy may go in the middle of a line of this class, and on any thread.
        self._lock = threading.RLock()
        self._alive, self.most_alive, self.dropped, self.tasks = {}, 0, 0, 0
        # Bound once, or each entry would be two objects.
        self._on_end = self._gone

    def enter(self, own, index):
        with self._lock:
            self._alive[index] = weakref.KeyedRef(own, self._on_end, index)
            self.most_alive = max(self.most_alive, len(self._alive))

    def _gone(self, entry):
        with self._lock:
            del self._alive[entry.key]
            self.dropped += 1

    def done(self):
        """One task more is done. All is stated again: the run may be killed, and what was said stays said."""
        with self._lock:
            self.tasks += 1
            labkit.fact("most_alive", self.most_alive)
            labkit.fact("dropped", self.dropped)
            labkit.fact("young_collections", young_collections() - self._young_before)
            labkit.done(self.tasks)

    def collections(self):
        """How often the collector has looked at everything."""
        return full_collections() - self._before

    def finish(self, total):
        labkit.fact("dropped", self.dropped)
        labkit.fact("collections", self.collections())
        labkit.fact("checksum", labpeer.wrapped(total))
        labkit.mark("tasks done")


def full_collections():
    return gc.get_stats()[2]["collections"]


def young_collections():
    """How often the collector has looked at what is new."""
    return sum(generation["collections"] for generation in gc.get_stats()[:2])


def without_collector(bench):
    gc.disable()
    one_by_one(bench, Circular)


def watched(bench, build, collect=lambda: None):
    """Does the tasks one after the other, and says for how long another thread waits after each of them."""
    data, label = begin(bench, build)
    # What lives all the time, as there is much in any real program.
    columns = [[f"column {number}"] for number in range(bench.size("columns"))]
    ledger, total, waits = Ledger(bench.size("objects")), 0, []
    labkit.mark("tasks begin")
    with Other() as other:
        for index in range(1, bench.size("tasks") + 1):
            total += task(ledger, build, data, label, index)
            other.reset()
            collect()
            waits.append(other.longest_wait())
            ledger.done()
    labkit.fact("columns", len(columns))
    labkit.fact("others_wait_us", round(statistics.median(waits) / 1000))
    ledger.finish(total)


class Other(threading.Thread):
    """A thread that sleeps for a moment, again and again, and sees how long that took in the worst case."""

    def __init__(self):
        super().__init__()
        self._longest, self._turns, self._over = 0, 0, False

    def run(self):
        while not self._over:
            before = time.perf_counter_ns()
            time.sleep(0.0001)
            self._longest = max(self._longest, time.perf_counter_ns() - before)
            self._turns += 1

    def reset(self):
        """Forgets what was before, at the beginning of a turn."""
        self._next_turn()
        self._longest = 0

    def longest_wait(self):
        """In nanoseconds, since the reset, with the turn that goes on."""
        self._next_turn()
        return self._longest

    def _next_turn(self):
        turns = self._turns
        while self._turns == turns:
            time.sleep(0.0001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over = True
        self.join()


def in_workers(bench, backend, workers, do, collect=False):
    """Does the tasks in workers of a pool, and collects after each of them where that is asked for."""
    data, _ = begin(bench, Circular)
    labkit.mark("tasks begin")
    with Pool(workers, backend=backend, batch_size=1, temp_folder=bench.shm) as pool:
        job, objects = delayed(task_in_worker), bench.size("objects")
        indices = range(1, bench.size("tasks") + 1)
        done = pool(job(do, data, index, objects, collect) for index in indices)
    # What each worker has said last, by its pid.
    last = {pid: (collections, most) for _, pid, collections, most in sorted(done, key=lambda said: said[2:])}
    labkit.fact("most_alive", max(most for _, most in last.values()))
    labkit.fact("collections", sum(collections for collections, _ in last.values()))
    labkit.fact("workers_seen", len(last))
    labkit.fact("checksum", labpeer.wrapped(sum(total for total, *_ in done)))
    labkit.mark("tasks done")


class Pool(Parallel):
    """A pool of joblib that says how many tasks are answered."""

    def print_progress(self):
        labkit.fact("tasks_answered", self.n_completed_tasks)
        labkit.done(self.n_completed_tasks)


def task_in_worker(do, data, index, objects, collect):
    global ledger
    if "ledger" not in globals():
        ledger = Ledger(objects)
    total = do(ledger, data, index)
    if collect:
        gc.collect()
    return total, os.getpid(), ledger.collections(), ledger.most_alive


def circular(ledger, data, index):
    total = task(ledger, Circular, data, data, index)
    time.sleep(REST)
    return total


def xgboost_in_processes(bench, collect=False):
    """Does the tasks with XGBoost's own matrix in two forked workers, which find XGBoost loaded."""
    import xgboost  # noqa: F401

    in_workers(bench, "multiprocessing", 2, many_labels, collect)


def many_labels(ledger, data, index):
    """Builds a matrix that is small beside its label, and the ring holds both."""
    own = data * index
    few, label = own[:ROWS].copy(), np.resize(own, (ROWS, LABELS)).copy()
    ledger.enter(few, index)
    quantile_matrix(few, label)
    return labpeer.checksum(own)


if __name__ == "__main__":
    # A worker of loky imports this script by its name, and keeps one ledger for all of its tasks.
    from peer import Circular, Weak, plain_matrix, quantile_matrix
    from peer import circular, in_threads, in_workers, one_by_one, watched, without_collector, xgboost_in_processes

    labpeer.run(
        {
            "broken": lambda bench: one_by_one(bench, quantile_matrix),
            "broken-threads": lambda bench: in_threads(bench, quantile_matrix),
            "broken-self": lambda bench: one_by_one(bench, Circular),
            "broken-self-killed": lambda bench: one_by_one(bench, Circular),
            "fixed": lambda bench: one_by_one(bench, quantile_matrix),
            "fixed-threads": lambda bench: in_threads(bench, quantile_matrix),
            "plain-threads": lambda bench: in_threads(bench, plain_matrix),
            "fixed-weak": lambda bench: one_by_one(bench, Weak),
            "fixed-collect": lambda bench: one_by_one(bench, quantile_matrix, collect_every=1),
            "collect-threads": lambda bench: in_threads(bench, quantile_matrix, gc.collect),
            "policy-never": without_collector,
            "policy-tasks": lambda bench: one_by_one(bench, Circular, collect_every=bench.size("every")),
            "loky": lambda bench: in_workers(bench, "loky", 2, circular),
            "collect-loky": lambda bench: in_workers(bench, "loky", 2, circular, collect=True),
            "multiprocessing": lambda bench: in_workers(bench, "multiprocessing", 2, circular),
            "multiprocessing-room": lambda bench: in_workers(bench, "multiprocessing", 2, circular),
            "collect-multiprocessing": lambda bench: in_workers(bench, "multiprocessing", 2, circular, collect=True),
            "xgboost-multiprocessing": xgboost_in_processes,
            "xgboost-multiprocessing-room": xgboost_in_processes,
            "xgboost-collect-multiprocessing": lambda bench: xgboost_in_processes(bench, collect=True),
            "xgboost-loky": lambda bench: in_workers(bench, "loky", 2, many_labels),
            "xgboost-loky-room": lambda bench: in_workers(bench, "loky", 2, many_labels),
            "watched-weak": lambda bench: watched(bench, Weak),
            "watched-collect": lambda bench: watched(bench, Circular, gc.collect),
        }
    )
