"""joblib's side of the race: it takes a word from its standard input, does what the word says, and
answers with the seconds that it took and a checksum of what came out.

The module is imported and not run, so that workers import its functions too: a function of the main
program would be sent to loky's workers as code, again with every batch.
"""

import ctypes
import os
import signal
import sys
import time

import numpy
from joblib import Parallel, delayed

PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Has the kernel kill this process when its parent ends (PR_SET_PDEATHSIG(2const))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def numbers(mib):
    """The same numbers as on the other side."""
    return numpy.arange(mib * (1 << 20) // 8, dtype=numpy.float64)


def nothing():
    """Does nothing."""


def look(array):
    """Looks at one number, so that the array is mapped and no more."""
    return array[0]


def checksum(piece):
    """Reads every number: the sum of their bits, wrapping."""
    return int(piece.view(numpy.uint64).sum())


class Side:
    """A pool of one back end, and the work of the race."""

    def __init__(self, backend, sizes):
        self.sizes = sizes
        self.options = {
            "n_jobs": sizes["workers"],
            "backend": backend,
            "max_nbytes": sizes["threshold_kib"] << 10,
            # All results are taken, and none is waited for in vain.
            "return_as": "list",
        }
        self.pool = None
        self.array = numbers(sizes["array_mib"])

    def start(self):
        """Starts the workers; they have started when they have answered."""
        self.pool = Parallel(**self.options)
        self.pool.__enter__()
        self.pool(delayed(nothing)() for _ in range(self.sizes["workers"]))
        return 0

    def tiny(self):
        """Many tasks that do nothing, in batches of joblib's own choice."""
        return len(self.pool(delayed(nothing)() for _ in range(self.sizes["tasks"])))

    def fixed(self):
        """The work of the variant `fixed`: each slice is made once."""
        slices, length = self.sizes["slices"], len(self.array)
        cut = [self.array[n * length // slices : (n + 1) * length // slices] for n in range(slices)]
        sums = self.pool(delayed(checksum)(piece) for piece in cut for _ in range(self.sizes["repeats"]))
        return sum(sums) % (1 << 64)

    def hand_over(self):
        """A large array for one task, in a pool of its own that is up already."""
        array = numbers(self.sizes["large_mib"])
        with Parallel(**self.options) as pool:
            pool(delayed(nothing)() for _ in range(self.sizes["workers"]))
            begin = time.monotonic()
            first = pool([delayed(look)(array)])
            return time.monotonic() - begin, int(first[0])

    def close(self):
        """Ends the pool and its files."""
        if self.pool is not None:
            self.pool.__exit__(None, None, None)


def timed(work):
    """The seconds that the work took, and its checksum; work that times itself says so."""
    begin = time.monotonic()
    answer = work()
    return answer if isinstance(answer, tuple) else (time.monotonic() - begin, answer)


def main(backend, *words):
    """Serves words until there are no more, or nobody who waits for the answer."""
    # Workers of multiprocessing would wait forever if this process were killed; those of loky do not.
    os.register_at_fork(after_in_child=end_with_parent)
    sizes = {name: int(value) for name, value in (word.split("=") for word in words)}
    side = Side(backend, sizes)
    try:
        for word in sys.stdin:
            print(*timed(getattr(side, word.strip())), flush=True)
    except BrokenPipeError:
        # What is left in the buffer would be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        side.close()
