"""The queue without an end, in CPython: what waits in a queue, in an executor, in a pool and in joblib.

The two sides take turns as in our programs, so that nothing depends on the time.
"""

import concurrent.futures
import ctypes
import multiprocessing
import multiprocessing.pool
import queue
import secrets
import socket
import threading

from joblib import Parallel, delayed

import labkit
import labpeer

# So many records are made in the time in which one is handled.
SLOWER = 4

# The room, in numbers, for what the allocator writes in front of a block. With it a record fills whole pages.
HEADER = 4

# What is handled is to leave the process at once, as `labkit::sys::map_large_blocks` has it: -3 is
# M_MMAP_THRESHOLD of mallopt(3).
ctypes.CDLL(None).mallopt(-3, 1 << 16)

# Two threads talk to the harness, and only one of them at a time may wait for its answer.
TALK = threading.Lock()


def broken(bench):
    # Broken: put() never waits, so whatever the consumer hasn't handled yet is kept here.
    through_queue(bench, queue.Queue())


def fixed(bench):
    # Fixed: where so many messages wait, put() waits too.
    through_queue(bench, queue.Queue(maxsize=bench.size("bound")))


def batched(bench):
    # Broken: the bound counts messages, and memory counts bytes.
    through_queue(bench, queue.Queue(maxsize=bench.size("bound")), bench.size("batch"))


def fixed_bytes(bench):
    # Fixed: a message takes as many permits as it has KiB, and gives them back when it is handled.
    budget = Permits(bench.size("budget_kib"))
    through_queue(bench, queue.Queue(), bench.size("batch"), budget)


def fixed_pull(bench):
    pace = Pace(bench)
    pace.finish()
    labkit.mark("queue open")
    # Fixed: a generator makes a record when it is asked for.
    for message in records(bench):
        pace.handle(message)
    pace.state()


def broken_map(bench):
    pace = Pace(bench)
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        labkit.mark("queue open")
        # Broken: map() is not lazy here: it submits all that the generator has before it returns.
        consume(executor.map(pace.handle, pace.flow(records(bench))))
        pace.state()


def fixed_window(bench):
    pace = Pace(bench)
    window = Permits(bench.size("bound"))

    def handle(message):
        pace.handle(message)
        window.give(1)

    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        labkit.mark("queue open")
        for message in pace.flow(records(bench)):
            # Fixed: a permit is taken before the record is submitted, and given back when it is handled.
            window.take(pace, 1)
            executor.submit(handle, message)
            del message
    pace.state()


def broken_imap(bench):
    pace = Pace(bench)
    with multiprocessing.pool.ThreadPool(1) as pool:
        labkit.mark("queue open")
        # Broken: imap() returns at once, and a thread of the pool reads the generator to its end.
        consume(pool.imap(pace.handle, pace.flow(records(bench))))
        pace.state()


def broken_joblib(bench):
    # Broken: all tasks are dispatched before the first one is done.
    through_joblib(bench, "all")


def fixed_joblib(bench):
    # Fixed: the generator is asked for another task when one is done.
    through_joblib(bench, bench.size("bound"))


def broken_processes(bench):
    gate, made = Gate(), 0

    def source():
        nonlocal made
        for made, message in enumerate(records(bench), 1):
            yield message, gate.name if made == 1 else None
        gate.open()

    fork = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, fork) as executor:
        labkit.mark("queue open")
        # Broken: the executor keeps what it hasn't sent to its worker yet, and that is nearly all.
        sums = executor.map(handle_in_worker, source())
        labkit.fact("records_waiting", made)
        labkit.fact("kib_waiting", made * bench.size("record_kib"))
        total = 0
        for done, sum_of_one in enumerate(sums, 1):
            total += sum_of_one
            labkit.done(done)
    labkit.fact("checksum", labpeer.wrapped(total))
    labkit.mark("all handled")


def through_queue(bench, channel, each=1, budget=None):
    """A thread makes the records, and this one handles them."""
    pace = Pace(bench)

    def produce():
        for message in pace.flow(records(bench, each)):
            if budget:
                budget.take(pace, kib(message))
            try:
                channel.put_nowait(message)
            except queue.Full:
                with pace.waiting():
                    channel.put(message)
            del message
        channel.put(None)

    labkit.mark("queue open")
    producer = threading.Thread(target=produce, daemon=True)
    producer.start()
    while (message := channel.get()) is not None:
        weight = kib(message)
        pace.handle(message)
        if budget:
            budget.give(weight)
        del message
    producer.join()
    pace.state()


def through_joblib(bench, pre_dispatch):
    pace = Pace(bench)
    window = None if pre_dispatch == "all" else pre_dispatch
    # One thread would be none: joblib then does the work in this one. Here two take turns.
    parallel = Parallel(2, "threading", "generator_unordered", pre_dispatch=pre_dispatch, batch_size=1)
    labkit.mark("queue open")
    consume(parallel(delayed(pace.handle)(message) for message in pace.flow(records(bench), window)))
    pace.state()


def consume(results):
    for _ in results:
        pass


def records(bench, each=1):
    """All records, one after the other or several in a message, and the mark when all are made."""
    size = bench.size("record_kib")
    first = bench.array(size // 1024 + 1)[: size * 128 - HEADER].copy()
    total = bench.size("records")
    for start in range(0, total, each):
        numbers = [first + float(record) for record in range(start, min(start + each, total))]
        yield numbers
        del numbers
    with TALK:
        labkit.mark("all made")


def kib(message):
    return -(-sum(record.nbytes for record in message) // 1024)


class Pace:
    """The pace of the two sides: they take turns, as `Pace` in src/setup.rs has it."""

    def __init__(self, bench):
        self._bench = bench
        self._changed = threading.Condition()
        self._made = self._sent = self._handled = self._due = self._most = self._sum = 0
        self._waits = self._is_finished = self._is_busy = False

    def flow(self, source, window=None):
        """What a source makes, at the producer's pace.

        Whoever asks for it keeps no more than a window of it, if there is one: where so many are made, the
        consumer may handle what it likes.
        """
        for message in source:
            count = len(message)
            with self._changed:
                self._made += count
                self._due = min(self._made // SLOWER, self._sent)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._handled >= self._due)
            if window:
                self._count(count)
                self._waits = self._waits or self._sent >= window
                yield message
            else:
                yield message
                self._count(count)
            del message
        self.finish()

    def _count(self, count):
        with self._changed:
            self._sent += count
            self._most = max(self._most, self._sent - self._handled)
            self._changed.notify_all()

    def waiting(self):
        """A block in which the producer has to wait, and the consumer may handle what it likes."""
        return Waiting(self)

    def set(self, name, value):
        with self._changed:
            setattr(self, name, value)
            self._changed.notify_all()

    def finish(self):
        self.set("_is_finished", True)

    def handle(self, message):
        """Handles a message, each record when it is the consumer's turn."""
        while message:
            with self._changed:
                self._changed.wait_for(self._is_turn)
                self._is_busy = True
            self._sum += labpeer.checksum(message.pop(0))
            with self._changed:
                self._is_busy = False
                self._handled += 1
                self._changed.notify_all()
            with TALK:
                labkit.done(self._handled)

    def _is_turn(self):
        is_due = self._handled < self._sent and (self._waits or self._handled < self._due)
        return not self._is_busy and (self._is_finished or is_due)

    def state(self):
        labkit.fact("records_waiting", self._most)
        labkit.fact("kib_waiting", self._most * self._bench.size("record_kib"))
        labkit.fact("checksum", labpeer.wrapped(self._sum))
        labkit.mark("all handled")


class Waiting:
    def __init__(self, pace):
        self._pace = pace

    def __enter__(self):
        self._pace.set("_waits", True)

    def __exit__(self, *_):
        self._pace.set("_waits", False)


class Permits:
    """A number of permits: whoever finds too few left waits until some are given back."""

    def __init__(self, count):
        self._left, self._changed = count, threading.Condition()

    def take(self, pace, count):
        with self._changed:
            if self._left < count:
                with pace.waiting():
                    self._changed.wait_for(lambda: self._left >= count)
            self._left -= count

    def give(self, count):
        with self._changed:
            self._left += count
            self._changed.notify_all()


class Gate:
    """A point at which the worker waits until the generator is at its end."""

    def __init__(self):
        self.name = f"\0labpeer gate {secrets.token_hex(8)}"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.name)
        self._socket.listen()

    def open(self):
        self._socket.accept()[0].close()


def handle_in_worker(task):
    """Handles the record of a task, and waits at the gate before if the task names one."""
    message, gate = task
    if gate:
        with socket.socket(socket.AF_UNIX) as worker:
            worker.connect(gate)
            worker.recv(1)
    return sum(map(labpeer.checksum, message))


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "batched": batched,
            "fixed-bytes": fixed_bytes,
            "fixed-pull": fixed_pull,
            "broken-map": broken_map,
            "fixed-window": fixed_window,
            "broken-imap": broken_imap,
            "broken-joblib": broken_joblib,
            "fixed-joblib": fixed_joblib,
            "broken-processes": broken_processes,
        }
    )
