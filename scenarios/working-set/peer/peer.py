"""The cache that counts, with numpy.memmap: tasks read the same file one after the other."""

import mmap
import os
import tempfile

import numpy as np

import labkit
import labpeer

# How much is read in one piece, in bytes, and how many numbers that is.
PIECE = 1 << 20
NUMBERS = PIECE // 8


def broken(bench):
    # Broken: every task leaves the file in the cache as used, and a page that was used twice counts as needed.
    with written(bench) as file:
        tasks(bench, lambda task: answer(task, np.memmap(file.name, dtype=np.float64, mode="r")))


def fixed(bench):
    def streamed(task):
        total = 0
        for piece, end in pieces(file):
            total += answer(task, piece)
            # Fixed: no page stays long enough to be used twice, and the next task reads the disk again.
            os.posix_fadvise(file.fileno(), 0, end, os.POSIX_FADV_DONTNEED)
        return total

    with written(bench) as file:
        tasks(bench, streamed)


def fixed_sequential(bench):
    def mapped(task):
        # Fixed: the kernel does not take a page to be in use because a map like this has touched it.
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
            pages.madvise(mmap.MADV_SEQUENTIAL)
            return answer(task, np.frombuffer(pages, dtype=np.float64))

    with written(bench) as file:
        tasks(bench, mapped)


def fixed_once(bench):
    with written(bench) as file:
        answers = [0] * bench.size("tasks")
        # Fixed: a page that is used once stays on the inactive list, however many tasks that is for.
        for piece, _ in pieces(file):
            for task in range(len(answers)):
                answers[task] += answer(task + 1, piece)
        tasks(bench, lambda task: answers[task - 1])


def written(bench):
    """A file of numbers on the disk, with no page of it in memory, as if it had been there for long.

    It is written out in eighths, so that not all of its pages wait for the disk.
    """
    file = tempfile.NamedTemporaryFile(dir=bench.disk, buffering=0)
    count = bench.size("file_mib")
    piece = bench.array(1)
    for number in range(1, count + 1):
        file.write(piece.tobytes())
        # The logistic map stays between 0 and 1 and does not settle: no two pieces are alike.
        piece = 4.0 * piece * (1.0 - piece)
        if number % -(-count // 8) == 0:
            os.fsync(file.fileno())
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    labkit.mark("file written")
    return file


def tasks(bench, task):
    """Does all tasks, one after the other."""
    total = 0
    for number in range(1, bench.size("tasks") + 1):
        total += task(number)
        labkit.done(number)
        if number == 1:
            labkit.mark("first task done")
    labkit.mark("all tasks done")
    labkit.fact("checksum", labpeer.wrapped(total))


def answer(task, numbers):
    """What a task makes of some numbers. What it makes of the file is the sum over its pieces."""
    return labpeer.checksum(numbers) * task


def pieces(file):
    """The pieces of a file, and where each ends."""
    buffer = np.empty(NUMBERS)
    file.seek(0)
    while file.readinto(buffer):
        yield buffer, file.tell()


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "fixed-sequential": fixed_sequential,
            "fixed-once": fixed_once,
            "pressure": broken,
        }
    )
