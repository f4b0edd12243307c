"""A full disk that is not a disk, with joblib: its files fill the shared memory, and each back end says so."""

import itertools
import math
import os
import time

import joblib
import numpy as np

import labkit
import labpeer


def broken(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    # Broken: joblib keeps the file of every batch to the end of the call, and counts on there being room.
    workers = Pool(bench, backend)
    labkit.mark("tasks begin")
    try:
        workers(joblib.delayed(sum_of_batch)(batch) for batch in batches(bench, array))
    except Exception as error:
        labkit.fact("files_written", workers.files_written)
        labkit.fact("errno_in_hand", labpeer.errno_of(error))
        labkit.fact("told_in_words", int("No space left on device" in words_of(error)))
        wait_for_the_tracker(bench)
        labkit.mark("tasks over")
        raise
    raise RuntimeError("there was room for all batches")


def broken_store(bench):
    # Broken: numpy.memmap makes a file long but puts no room aside; the store that finds none is a SIGBUS.
    work_in_rounds(bench, make_room=lambda file, count: None)


def fixed(bench):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    labkit.mark("tasks begin")
    # Fixed: a call for a few batches at a time, as the files of each call go when it is over.
    calls = rounds(batches(bench, array), bench.size("workers"))
    total, files = 0, set()
    for batch in calls:
        sums, seen = zip(*Pool(bench, "loky")(joblib.delayed(sum_of_batch)(one) for one in batch))
        total += sum(sums)
        files.update(*seen)
        labkit.done(len(files))
    over(bench, total, len(files))


def fixed_reserve(bench):
    # Fixed: the room is put aside before the map is made, and its lack is an error that comes in time.
    work_in_rounds(bench, make_room=lambda file, count: os.posix_fallocate(file.fileno(), 0, count))


class Pool(joblib.Parallel):
    """A pool of joblib that counts its files while they are there: it has them removed when it fails."""

    def __init__(self, bench, backend):
        super().__init__(n_jobs=bench.size("workers"), backend=backend, max_nbytes=0)
        self._bench = bench

    def _abort(self):
        self.files_written = len(whole_files(self._bench))
        super()._abort()


def wait_for_the_tracker(bench, seconds=20):
    """Waits until the files are gone: another process removes them, and on a busy machine that may take a while."""
    deadline = time.monotonic() + seconds
    while whole_files(bench) and time.monotonic() < deadline:
        time.sleep(0.01)


def whole_files(bench):
    """The files with batches in the shared memory, without the one that had no room."""
    found = (os.path.join(folder, name) for folder, _, names in os.walk(bench.shm) for name in names)
    return [path for path in found if path.endswith(".pkl") and os.path.getsize(path) > batch_len(bench) * 8]


def batch_len(bench):
    """How many numbers a batch has."""
    return bench.size("array_mib") * (1 << 20) // 8 // bench.size("slices")


def recipe(bench, array, batch):
    """The slice of the array that a batch is made of, and the number that it is multiplied by."""
    length = batch_len(bench)
    first = batch % bench.size("slices") * length
    return array[first : first + length], math.modf((batch + 1) * math.sqrt(2))[0]


def batches(bench, array):
    """The batches, none like another, each of them made when it is asked for."""
    for batch in range(bench.size("slices") * bench.size("repeats")):
        piece, factor = recipe(bench, array, batch)
        yield piece * factor


def rounds(items, size):
    """The items in lists of `size`."""
    items = iter(items)
    return iter(lambda: list(itertools.islice(items, size)), [])


def work_in_rounds(bench, make_room):
    """Makes batches in shared memory until there is no room, has the workers do them, and goes on."""
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    total, written, count = 0, 0, bench.size("slices") * bench.size("repeats")
    # The workers come first, and with them what they have in shared memory.
    with Pool(bench, "loky") as workers:
        workers(joblib.delayed(os.getpid)() for _ in range(bench.size("workers")))
        labkit.mark("tasks begin")
        while written < count:
            stored = []
            while written < count:
                try:
                    stored.append(store(bench, array, written, make_room))
                except OSError:
                    if not stored:
                        raise
                    break
                written += 1
                # Stated each time, as the next store may be the last thing that this process does.
                labkit.fact("files_written", written)
            total += sum(checksum for checksum, _ in workers(joblib.delayed(sum_of_batch)(one) for one in stored))
            for batch in stored:
                os.unlink(batch.filename)
            labkit.done(written)
        over(bench, total, written)


def store(bench, array, batch, make_room):
    """Makes a batch in a shared map of a file."""
    path = os.path.join(bench.shm, f"batch-{batch}.f64")
    piece, factor = recipe(bench, array, batch)
    try:
        with open(path, "xb") as file:
            make_room(file, piece.nbytes)
        stored = np.memmap(path, dtype=np.float64, mode="r+" if os.path.getsize(path) else "w+", shape=piece.shape)
    except OSError:
        os.unlink(path)
        raise
    np.multiply(piece, factor, out=stored)
    return stored


def over(bench, total, files_written):
    labkit.fact("files_written", files_written)
    labkit.fact("checksum", labpeer.wrapped(total))
    labkit.mark("tasks over")
    labkit.mark("pool closed")


def sum_of_batch(batch):
    """The sum of a batch, and the files with batches that this process has mapped (proc_pid_maps(5))."""
    with open("/proc/self/maps") as maps:
        paths = {line.split(maxsplit=5)[-1].strip() for line in maps if ".pkl" in line}
    return labpeer.checksum(batch), paths


def words_of(error):
    """The text of an error and of all that caused it."""
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__cause__ or error.__context__
    return "\n".join(words)


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "broken-multiprocessing": lambda bench: broken(bench, "multiprocessing"),
            "broken-store": broken_store,
            "fixed": fixed,
            "fixed-reserve": fixed_reserve,
        }
    )
