"""The memory that is lent, with numpy.memmap: the same steps with a file on a disk and in shared memory."""

import mmap
import os
import tempfile

import numpy as np

import labkit
import labpeer

# How many numbers are written in one piece: 1 MiB of them.
PIECE = (1 << 20) // 8


def broken(bench):
    # Broken: the pages of this file are only a copy of the disk, and the work waits for them.
    steps(bench, bench.disk, mapped)


def fixed(bench):
    # Fixed: the pages of this file are the file, so they stay, whoever else may need memory.
    steps(bench, bench.shm, mapped)


def fixed_prefetch(bench):
    # Fixed: the map is filled in one go, in large reads, and the work finds every page in place.
    steps(bench, bench.disk, mapped_and_fetched)


def steps(bench, folder, map_file):
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        labkit.mark("file created")
        write(bench, file.name)
        labkit.mark("file written")
        drop_cache(file)
        labkit.mark("cache dropped")
        readings = map_file(file)
        labkit.mark("file mapped")
        first = read_half(readings)
        labkit.mark("half read")
        again = read_half(readings)
        labkit.mark("half read again")
    labkit.fact("checksum", labpeer.wrapped(first + again))


def write(bench, path):
    """Fills the file through a map, and unmaps it: pages that are mapped cannot be dropped.

    It is written out in eighths, so that not all of its pages wait for the disk.
    """
    pieces = bench.size("file_mib")
    numbers = np.memmap(path, dtype=np.float64, mode="w+", shape=pieces * PIECE)
    piece = bench.array(1)
    for count in range(1, pieces + 1):
        numbers[(count - 1) * PIECE : count * PIECE] = piece
        # The logistic map stays between 0 and 1 and does not settle: no two pieces are alike.
        piece = 4.0 * piece * (1.0 - piece)
        if count % -(-pieces // 8) == 0:
            numbers.flush()


def drop_cache(file):
    """Writes the file to its disk, and then lets the kernel forget its pages."""
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def mapped(file):
    """Maps the file, and reads nothing of it; it will be read from front to back."""
    readings = np.memmap(file.name, dtype=np.float64, mode="r")
    readings.base.madvise(mmap.MADV_SEQUENTIAL)
    return readings


def mapped_and_fetched(file):
    """Maps the file, and reads all of it first, which numpy.memmap has no word for."""
    pages = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE, prot=mmap.PROT_READ)
    return np.frombuffer(pages, dtype=np.float64)


def read_half(readings):
    """Reads the second half: what the kernel reads ahead ends where the file ends."""
    return labpeer.checksum(readings[len(readings) // 2 :])


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "fixed-prefetch": fixed_prefetch,
            "pressure-disk": broken,
            "pressure-tmpfs": fixed,
        }
    )
