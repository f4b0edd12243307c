"""The heap that stays at its peak, in CPython: NumPy's arrays are blocks of the C library's heap, as ours are."""

import ctypes
import threading

import numpy as np

import labkit
import labpeer

LIBC = ctypes.CDLL(None)

# Of malloc.h, for mallopt(3).
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8

# A document has so many parts, each in a block of its own.
PARTS = 16

# What glibc begins with. Set, it stays.
MAPPED = 128 << 10


def broken(bench):
    work = Import(bench)
    summaries = []
    for number in work.rounds:
        # Broken: the numbers of each summary are a block between two documents.
        work.run(number, lambda document: summaries.append(summary(document)))
    work.end(summaries)


def table(bench):
    summaries = np.zeros((bench.size("imports") * bench.size("documents"), PARTS), dtype=np.uint64)
    rows = iter(summaries)
    work = Import(bench)

    def keep(document):
        row = next(rows)
        for part, block in enumerate(document):
            row[part] = labpeer.checksum(block)

    for number in work.rounds:
        # Broken: the summaries are below the documents, but each array has a second block for its shape, and NumPy and
        # the C library keep some of those for the next arrays.
        work.run(number, keep)
    work.end(summaries)


def fixed_flat(bench):
    # Fixed: a block that is so large has a map of its own, and leaves with it when it is freed.
    work = Import(bench, whole=True)
    summaries = []
    for number in work.rounds:
        work.run(number, lambda document: summaries.append(summary(document)))
    work.end(summaries)


def fixed_trim(bench):
    work = Import(bench)
    summaries = []
    for number in work.rounds:
        # Fixed: the allocator goes through its heaps and gives back each page that nothing is left on.
        work.run(number, lambda document: summaries.append(summary(document)), trim=True)
    work.end(summaries)


def fixed_mapped(bench):
    work = Import(bench)
    # Fixed: the allocator maps each part, and nothing is between two maps.
    LIBC.mallopt(M_MMAP_THRESHOLD, work.part * 8)
    summaries = []
    for number in work.rounds:
        work.run(number, lambda document: summaries.append(summary(document)))
    work.end(summaries)


def arenas(bench):
    # Broken: what is free in the arena of one thread is of no use to another one.
    in_threads(bench)


def one_arena(bench):
    # Broken: each thread uses what the one before has freed, and none of it goes back.
    LIBC.mallopt(M_ARENA_MAX, 1)
    in_threads(bench)


def in_threads(bench):
    """A thread for each import. They take turns, and all of them are there to the end."""
    work = Import(bench)
    summaries, threads, all_done = [], [], threading.Event()

    def turn(number, done):
        work.run(number, lambda document: summaries.append(summary(document)))
        done.set()
        all_done.wait()

    for number in work.rounds:
        done = threading.Event()
        threads.append(threading.Thread(target=turn, args=(number, done)))
        threads[-1].start()
        done.wait()
    all_done.set()
    for thread in threads:
        thread.join()
    work.end(summaries)


class Import:
    """Reads documents, keeps what is made of them, drops them, and says where it is."""

    def __init__(self, bench, whole=False):
        self._bench, self._whole = bench, whole
        LIBC.mallopt(M_MMAP_THRESHOLD, MAPPED)
        self._numbers = bench.array(-(-bench.size("document_kib") // 1024))
        self.rounds = range(bench.size("imports"))
        self.part = bench.size("document_kib") * 128 // PARTS
        self._read = 0
        settle()
        labkit.mark("before the first import")
        self._before = heap()

    def run(self, number, keep, trim=False):
        each = self._bench.size("documents")
        documents = []
        for document in range(number * each, (number + 1) * each):
            documents.append(self._document(document))
            keep(documents[-1])
        self._mark(number, "first import in memory", "last import in memory")
        documents.clear()
        if trim:
            LIBC.malloc_trim(0)
        in_use, free = heap()
        labkit.fact("kib_in_use", max(0, in_use - self._before[0]) // 1024)
        labkit.fact("kib_free", free // 1024)
        self._mark(number, "first import dropped", "last import dropped")

    def _document(self, number):
        parts = self._numbers[: PARTS * self.part].reshape(PARTS, self.part)
        document = parts + number if self._whole else [part + number for part in parts]
        self._read += 1
        labkit.done(self._read)
        return document

    def _mark(self, number, first, last):
        if number == 0:
            labkit.mark(first)
        elif number == self.rounds[-1]:
            labkit.mark(last)

    def end(self, summaries):
        labkit.fact("checksum", labpeer.wrapped(sum(int(one) for row in summaries for one in row)))


def summary(document):
    """What is kept of a document: a checksum of each of its parts."""
    return np.array([labpeer.checksum(part) for part in document], dtype=np.uint64)


class Info(ctypes.Structure):
    """What mallinfo(3) returns: `uordblks` is in use, `fordblks` is free."""

    _fields_ = [
        (name, ctypes.c_uint)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


LIBC.mallinfo.restype = Info


def heap():
    """What the program has in use of the allocator's heaps, and what is free in them, in bytes."""
    info = LIBC.mallinfo()
    return info.uordblks, info.fordblks


def settle():
    """Small blocks, until the heap has no hole left that a summary or a shape fits into: see `settled` in src/setup.rs."""
    for size in PARTS * 8, 16:
        before = sum(heap())
        while sum(heap()) == before:
            LIBC.malloc(size)


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "table": table,
            "fixed-flat": fixed_flat,
            "fixed-trim": fixed_trim,
            "fixed-mapped": fixed_mapped,
            "arenas": arenas,
            "one-arena": one_arena,
        }
    )
