"""Every slice is a new file, with joblib: slices of one array go to its workers, and memory fills up."""

import os

import joblib

import labkit
import labpeer


def broken(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    with pool(bench, backend) as workers:
        labkit.mark("tasks begin")
        # Broken: the slice is cut again for each task, and to joblib a new object is a new array.
        work(bench, workers, (joblib.delayed(sum_of_slice)(array[part]) for part in repeated(bench, parts(bench))))
    labkit.mark("pool closed")


def broken_full(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    with pool(bench, backend) as workers:
        labkit.mark("tasks begin")
        try:
            # Broken: most of these files hold what others hold too, and yet they use up the room for all.
            workers(joblib.delayed(sum_of_slice)(array[part]) for part in repeated(bench, parts(bench)))
        except Exception as error:
            labkit.fact("errno_in_hand", labpeer.errno_of(error))
            raise
    raise RuntimeError("there was room for all files")


def fixed(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    with pool(bench, backend) as workers:
        labkit.mark("tasks begin")
        # Fixed: each slice is cut once, and the tasks are given the same objects again.
        slices = [array[part] for part in parts(bench)]
        work(bench, workers, (joblib.delayed(sum_of_slice)(piece) for piece in repeated(bench, slices)))
    labkit.mark("pool closed")


def fixed_whole(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    with pool(bench, backend) as workers:
        labkit.mark("tasks begin")
        # Fixed: the whole array is one object; a slice of the map in the worker needs no file.
        work(bench, workers, (joblib.delayed(sum_of_part)(array, part) for part in repeated(bench, parts(bench))))
    labkit.mark("pool closed")


def fixed_map(bench, backend="loky"):
    array = bench.array(bench.size("array_mib"))
    labkit.mark("array made")
    path = os.path.join(bench.shm, "array.pkl")
    try:
        # Fixed: one file holds the array, the heap lets go of it, and slices of a map need no file.
        joblib.dump(array, path)
        del array
        array = joblib.load(path, mmap_mode="r")
        with pool(bench, backend) as workers:
            labkit.mark("tasks begin")
            work(bench, workers, (joblib.delayed(sum_of_slice)(array[part]) for part in repeated(bench, parts(bench))))
    finally:
        os.unlink(path)
    labkit.mark("pool closed")


def threads(bench):
    broken(bench, backend="threading")


class Pool(joblib.Parallel):
    """A pool of joblib that says how many tasks are done, and counts its files before it removes them."""

    def __init__(self, bench, backend):
        super().__init__(
            n_jobs=bench.size("workers"), backend=backend, max_nbytes=bench.size("threshold_kib") << 10
        )
        self._bench = bench

    def print_progress(self):
        labkit.done(self.n_completed_tasks)

    def _abort(self):
        # The one that had no room is shorter than its slice.
        whole = self._bench.size("array_mib") * (1 << 20) // self._bench.size("slices")
        labkit.fact("files_written", sum(os.path.getsize(path) > whole for path in files_of(self._bench)))
        labkit.mark("tasks done")
        super()._abort()


def pool(bench, backend):
    """A pool that keeps its files until it is closed, as one call of joblib does without `with`."""
    return Pool(bench, backend)


def parts(bench):
    """The parts of the array: as many as there are `slices`, one after the other."""
    length, slices = bench.size("array_mib") * (1 << 20) // 8, bench.size("slices")
    return [slice(part * length // slices, (part + 1) * length // slices) for part in range(slices)]


def repeated(bench, items):
    """Each item `repeats` times; then the next."""
    return (item for item in items for _ in range(bench.size("repeats")))


def work(bench, workers, tasks):
    """Has the workers do the tasks, and states what they found: their sums, and the files that they saw."""
    sums, pids, files = zip(*workers(tasks))
    labkit.fact("files_written", len(files_of(bench)))
    labkit.fact("workers_seen", len(set(pids)))
    labkit.fact("files_seen_by_workers", len(set().union(*files)))
    labkit.fact("checksum", labpeer.wrapped(sum(sums)))
    labkit.mark("tasks done")


def files_of(bench):
    """The files with arrays in the folder of shared memory."""
    found = (os.path.join(folder, name) for folder, _, names in os.walk(bench.shm) for name in names)
    return [path for path in found if path.endswith(".pkl")]


def sum_of_slice(piece):
    return labpeer.checksum(piece), os.getpid(), mapped()


def sum_of_part(array, part):
    return sum_of_slice(array[part])


def mapped():
    """The files with arrays that this process has mapped now, as its maps name them (proc_pid_maps(5))."""
    with open("/proc/self/maps") as maps:
        return {line.split(maxsplit=5)[-1].strip() for line in maps if ".pkl" in line}


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "broken-multiprocessing": lambda bench: broken(bench, "multiprocessing"),
            "broken-full": broken_full,
            "broken-full-multiprocessing": lambda bench: broken_full(bench, "multiprocessing"),
            "fixed": fixed,
            "fixed-multiprocessing": lambda bench: fixed(bench, "multiprocessing"),
            "fixed-whole": fixed_whole,
            "fixed-map": fixed_map,
            "threads": threads,
        }
    )
