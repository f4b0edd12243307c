"""Shared until someone writes, in CPython: children of multiprocessing read an array, and then a list.

A child does one step at a time and then waits, so that it has all its memory whenever there is a mark. The
interpreters of `interned` have no NumPy.
"""

import gc
import multiprocessing
import sys
import tempfile
from array import array as numbers
from itertools import islice

try:
    import numpy as np
except ImportError:
    np = None

import labkit
import labpeer

# What a float takes: 24 bytes, and CPython's allocator rounds that up. It is as much as an Rc<f64>.
OBJECT = 32


def broken(bench):
    array = bench.array(bench.size("data_mib"))
    prices = first_prices(array).tolist()
    labkit.mark("data made")
    # Broken: whoever is handed an object counts it, the count lies in the object, and the page is copied.
    lead(crew(bench, "fork", obey, lambda: labpeer.checksum(array), lambda: checksum_of_objects(prices)))


def fixed_whole(bench):
    array = bench.array(bench.size("data_mib"))
    prices = first_prices(array).copy()
    labkit.mark("data made")
    # Fixed: one object with one count, and plain numbers side by side.
    lead(crew(bench, "fork", obey, lambda: labpeer.checksum(array), lambda: labpeer.checksum(prices)))


def broken_frozen(bench):
    # Broken: this keeps the collector away from the objects, and it was never the collector who counted.
    gc.disable()
    gc.freeze()
    broken(bench)


def sample(bench):
    array = bench.array(bench.size("data_mib"))
    prices = first_prices(array)
    objects = prices.tolist()
    labkit.mark("data made")

    def read_list():
        # Broken: one object in 64 is two on each page, and one is enough.
        return labpeer.wrapped(checksum_of_objects(objects[::64]) + checksum_of_others(prices))

    lead(crew(bench, "fork", obey, lambda: labpeer.checksum(array), read_list))


def collect(bench):
    array = bench.array(bench.size("data_mib"))
    prices = first_prices(array).copy()
    labkit.mark("data made")

    def read_list():
        # Broken: the collector writes marks into all containers that there are, if only the interpreter's own.
        gc.collect()
        return labpeer.checksum(prices)

    lead(crew(bench, "fork", obey, lambda: labpeer.checksum(array), read_list))


def collect_frozen(bench):
    # Fixed: what exists before the fork is no business of the collector's any more.
    gc.disable()
    gc.freeze()
    collect(bench)


def interned(bench):
    array = numbers("Q", bench.bits(bench.size("data_mib")))
    # Broken: an interned string is counted like any other object, unless this interpreter makes it immortal.
    strings = [sys.intern(f"{bits:x}") for bits in first_prices(memoryview(array))]
    labkit.fact("strings", len(strings))
    labkit.fact("counted_strings", sum(map(is_counted, strings)))
    labkit.mark("data made")
    lead(crew(bench, "fork", obey, lambda: sum(array), lambda: sum(int(text, 16) for text in strings)))


def is_counted(thing):
    """Whether its count is one: that of an immortal object (PEP 683) is larger than any that is reached by counting."""
    return sys.getrefcount(thing) < 1 << 28


def spawn(bench):
    array = bench.array(bench.size("data_mib"))
    labkit.mark("data made")
    started = crew(bench, "spawn", serve_copy)
    for pipe, _ in started:
        pipe.send_bytes(array)
    lead(started)


def spawn_map(bench):
    array = bench.array(bench.size("data_mib"))
    labkit.mark("data made")
    with tempfile.NamedTemporaryFile(dir=bench.shm) as file:
        array.tofile(file.name)
        del array
        lead(crew(bench, "spawn", serve_map, file.name))


def first_prices(array):
    """The prices for the list: the first of the array, as many as make objects of the array's size."""
    return array[: array.nbytes // OBJECT]


def checksum_of_objects(objects):
    """The checksum of floats that are objects: each is handed out by an iterator, as in any loop."""
    rest, total = iter(objects), 0
    # In parts, so that the plain numbers which come of it take no room to speak of.
    while len(part := np.fromiter(islice(rest, 8192), float)):
        total += labpeer.checksum(part)
    return labpeer.wrapped(total)


def checksum_of_others(prices):
    """The checksum of the numbers that a sample of one in 64 leaves out."""
    return labpeer.wrapped(labpeer.checksum(prices) - labpeer.checksum(prices[::64].copy()))


def crew(bench, method, work, *args):
    """As many children as there are workers, each with the pipe to it."""
    context = multiprocessing.get_context(method)
    started = []
    for _ in range(bench.size("workers")):
        ours, theirs = context.Pipe()
        child = context.Process(target=work, args=(theirs, *args))
        child.start()
        theirs.close()
        started.append((ours, child))
    return started


def lead(started):
    """Leads the children through their work, marks each step, and states what they have read."""
    total = 0
    for mark in ("children started", "array read", "list read"):
        total += sum(pipe.recv() for pipe, _ in started)
        labkit.mark(mark)
        for pipe, _ in started:
            pipe.send(None)
    for _, child in started:
        child.join()
    labkit.fact("checksum", labpeer.wrapped(total))
    labkit.mark("children gone")


def obey(pipe, read_array, read_list):
    """The life of a child: it says that it is ready, and then does each step when it is told to."""
    for step in (int, read_array, read_list):
        pipe.send(step())
        # Its memory is looked at while it waits here.
        pipe.recv()


def serve_copy(pipe):
    """The life of a fresh child that is sent the array, and makes a list of its own."""
    array = np.frombuffer(pipe.recv_bytes())
    prices = first_prices(array).tolist()
    obey(pipe, lambda: labpeer.checksum(array), lambda: checksum_of_objects(prices))


def serve_map(pipe, path):
    """The life of a fresh child that maps the file: objects cannot be in it, and plain numbers can."""
    array = np.memmap(path, dtype=float, mode="r")
    obey(pipe, lambda: labpeer.checksum(array), lambda: labpeer.checksum(first_prices(array)))


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "broken-frozen": broken_frozen,
            "sample": sample,
            "fixed-whole": fixed_whole,
            "collect": collect,
            "collect-frozen": collect_frozen,
            "interned-3-10": interned,
            "interned-3-11": interned,
            "interned-3-12": interned,
            "interned-3-13": interned,
            "interned-3-14": interned,
            "spawn": spawn,
            "spawn-map": spawn_map,
        }
    )
