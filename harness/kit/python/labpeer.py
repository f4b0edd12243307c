"""The bench of a scenario's peer: what `labkit` is for a variant in Rust.

Called as our programs are: VARIANT --seed N --shm DIR --disk DIR SIZE=NUMBER ...
By hand the sizes are those of [sizes.smoke], so that nothing is exhausted. An interpreter that a variant names
by its version has no NumPy, and makes its numbers with `bits` in the place of `array`.
"""

import argparse
import pathlib
import struct
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    np = None

import labkit


class Bench:
    """What a variant is given: sizes, seed and folders."""

    def __init__(self, words, script):
        parser = argparse.ArgumentParser(prog=script)
        parser.add_argument("variant")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--shm", default="/dev/shm")
        parser.add_argument("--disk", default=tempfile.gettempdir())
        parser.add_argument("sizes", nargs="*", metavar="SIZE=NUMBER")
        # Sizes may stand behind options, as lab puts them.
        asked = parser.parse_intermixed_args(words)
        self.variant, self.seed, self.shm, self.disk = asked.variant, asked.seed, asked.shm, asked.disk
        self._sizes = {name: int(value) for name, value in (size.split("=") for size in asked.sizes)}
        self._scenario = pathlib.Path(script).resolve().parent.parent / "scenario.toml"

    def size(self, name):
        """A size of scenario.toml, in the unit that its name ends with."""
        if name not in self._sizes:
            import tomllib  # Python 3.11; lab states all sizes, and needs no reading.

            self._sizes = tomllib.loads(self._scenario.read_text())["sizes"]["smoke"] | self._sizes
        return self._sizes[name]

    def array(self, mib):
        """The array that `labkit::Bench::array` makes of the same seed, every number the same.

        It is that of the crate fastrand (Wyrand), in steps of 1 MiB, so that little memory is needed besides.
        """
        step = (1 << 20) // 8
        array = np.empty(mib * step)
        for first in range(0, len(array), step):
            array[first : first + step] = _random(self.seed, first, step)
        return array

    def bits(self, mib):
        """The bits of the same numbers, one by one and without NumPy: it takes a second for a million."""
        state, floats, ints = self.seed, struct.Struct("<d"), struct.Struct("<Q")
        for _ in range((mib << 20) // 8):
            state = wrapped(state + _STEP)
            product = state * (state ^ _MIX)
            yield ints.unpack(floats.pack((wrapped(product >> 64 ^ product) >> 1) * 2.0**-63))[0]


def checksum(numbers):
    """The sum of the bits of all numbers, wrapping, as `labkit::checksum`."""
    return int(numbers.view(np.uint64).sum(dtype=np.uint64))


def wrapped(total):
    """A sum of checksums, wrapped as in Rust."""
    return total % 2**64


def run(variants):
    """The whole main of a peer.py: runs the variant that the arguments name."""
    bench = Bench(sys.argv[1:], sys.argv[0])
    if bench.variant not in variants:
        sys.exit(f"no variant is called '{bench.variant}': there are {', '.join(variants)}")
    try:
        variants[bench.variant](bench)
    except Exception as error:
        labkit.fail(errno_of(error), f"{type(error).__name__}: {error}")
        if labkit.channel is None:
            raise
        # A traceback names folders of this machine, which have no place in a record.
        sys.exit(f"{bench.variant}: {' <- '.join(causes(error))}")


def causes(error):
    """An error and what caused it, each in a line; where that is a traceback, its last one tells."""
    while error is not None:
        yield ": ".join([type(error).__name__, *str(error).strip('\n" ').splitlines()[-1:]])
        error = error.__cause__ or error.__context__


def errno_of(error):
    """The errno of the error or of what caused it; 0 where only text is left of it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno:
            return error.errno
        error = error.__cause__ or error.__context__
    return 0


# The two constants of Wyrand.
_STEP = 0x2D358DCCAA6C78A5
_MIX = 0x8BB84B93962EACC9


def _random(seed, first, count):
    """`count` numbers of fastrand's f64() after the first `first`."""
    ones, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    number = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    left = number * np.uint64(_STEP) + np.uint64(seed)
    right = left ^ np.uint64(_MIX)
    # The product has 128 bits, and is put together of four.
    high, low, other_high, other_low = left >> half, left & ones, right >> half, right & ones
    middle = high * other_low + (low * other_low >> half)
    middle_too = low * other_high + (middle & ones)
    upper = high * other_high + (middle >> half) + (middle_too >> half)
    bits = left * right ^ upper
    return (bits >> np.uint64(1)).astype(np.float64) * 2.0**-63
