"""A huge page for a byte, in CPython: arrays of NumPy ask for huge pages, and a map can be told what to ask for."""

import ctypes
import mmap

import numpy as np
from numpy._core import _multiarray_umath

import labkit
import labpeer

# Of prctl(2).
PR_SET_THP_DISABLE = 41


def broken(bench):
    store = Store(bench)
    # Broken: NumPy asks for huge pages for each large array, and of this one a page in each is used.
    store.serve(np.zeros((bench.size("connections"), store.region)))


def broken_mmap(bench):
    store = Store(bench)
    # Broken: the same, asked for by hand.
    store.serve(store.regions(mmap.MADV_HUGEPAGE))


def fixed(bench):
    store = Store(bench)
    # Fixed: a map of its own, for which small pages are asked for. The column is an array as before.
    store.serve(store.regions(mmap.MADV_NOHUGEPAGE))


def fixed_packed(bench):
    store = Store(bench)
    # Fixed: a row is as long as a message.
    store.serve(np.zeros((bench.size("connections"), store.message)))


def fixed_process(bench):
    # Fixed: this overrules all that is asked for, in this process and in those that it starts.
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
    broken(bench)


def asks_for_none(bench):
    # Fixed: as NUMPY_MADVISE_HUGEPAGE=0 in the environment has it. Where the kernel gives huge pages to all, it
    # gives them to this one too.
    _multiarray_umath._set_madvise_hugepage(False)
    broken(bench)


def broken_freed(bench):
    store = Store(bench)
    # Broken: the rest isn't mapped any more, but the huge page is kept whole until memory is short.
    store.serve(store.regions(mmap.MADV_HUGEPAGE), store.release_rest)


class Store:
    """A column that is full, and the messages of connections, of which each has a row."""

    def __init__(self, bench):
        self._bench = bench
        self._numbers = bench.array(1)
        # In numbers of eight bytes, as all lengths here.
        self.region = bench.size("region_mib") << 17
        self.message = bench.size("message_kib") << 7

    def serve(self, rows, after=lambda number: None):
        connections = self._bench.size("connections")
        column = np.empty((self._bench.size("column_mib"), len(self._numbers)))
        labkit.mark("memory reserved")
        column[:] = self._numbers
        labkit.mark("column filled")
        for number in range(connections):
            np.add(self._numbers[: self.message], float(number), out=rows[number, : self.message])
            after(number)
        labkit.mark("messages in")
        messages = sum(labpeer.checksum(row[: self.message]) for row in rows)
        labkit.fact("message_kib_written", connections * (self.message >> 7))
        labkit.fact("checksum", labpeer.wrapped(labpeer.checksum(column.reshape(-1)) + messages))
        labkit.mark("all read")

    def regions(self, advice):
        """A row for each connection, as long as a region, in a map with this advice."""
        connections, row = self._bench.size("connections"), self.region * 8
        # Without flags it would be shared memory, for which other settings hold.
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        self._map = mmap.mmap(-1, (connections + 1) * row, flags)
        self._map.madvise(advice)
        address = np.frombuffer(self._map, np.uint8).ctypes.data
        # A huge page begins at a multiple of its size.
        self._start = -address % row
        rows = np.frombuffer(self._map, np.float64, connections * self.region, self._start)
        return rows.reshape(connections, self.region)

    def release_rest(self, number):
        row, message = self.region * 8, self.message * 8
        begin = self._start + number * row
        # Else khugepaged makes a whole huge page of it again, some seconds or minutes later.
        self._map.madvise(mmap.MADV_NOHUGEPAGE, begin, row)
        self._map.madvise(mmap.MADV_DONTNEED, begin + message, row - message)


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "broken-mmap": broken_mmap,
            "fixed": fixed,
            "fixed-packed": fixed_packed,
            "fixed-process": fixed_process,
            "asks-for-none": asks_for_none,
            "broken-freed": broken_freed,
        }
    )
