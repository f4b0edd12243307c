"""A worker for every core, in CPython: pools of the host's size, in the memory of a group."""

import ctypes
import multiprocessing
import os
import pathlib
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import joblib
import psutil
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

import labkit
import labpeer

# The workers share what is there, as ours do.
FORK = multiprocessing.get_context("fork")

# What a forked interpreter takes besides its index, in MiB: it writes to the pages whose objects it counts.
INTERPRETER_MIB = 8

# How many words are sorted at once, as in src/setup.rs.
SEGMENT = 1 << 16

# How often the parent looks for what has no descriptor to wait for. Nothing depends on it.
BETWEEN_LOOKS = 0.01

# What is freed is to leave the process at once, as `labkit::sys::map_large_blocks` has it: -3 is
# M_MMAP_THRESHOLD of mallopt(3).
ctypes.CDLL(None).mallopt(-3, 1 << 16)


def broken(bench):
    service = Service(bench)
    # Broken: the processors are the machine's.
    service.work_with(usual(bench, os.cpu_count()))


def broken_psutil(bench):
    service = Service(bench)
    # Broken: so is the memory that psutil finds.
    fit = (psutil.virtual_memory().available >> 20) // service.need()
    service.work_with(min(usual(bench, os.cpu_count()), fit))


def broken_joblib(bench):
    global dictionary
    service = Service(bench)
    # Fresh interpreters share nothing with this one.
    dictionary = None
    # Broken: loky looks at the affinity and at the quota of processor time, and not at the memory.
    workers = usual(bench, joblib.cpu_count())
    labkit.fact("workers_started", workers)
    shares = [delayed(share)(bench, service.notes, number, workers) for number in range(workers)]
    try:
        Parallel(workers, backend="loky", batch_size=1)(shares)
    except TerminatedWorkerError as error:
        service.give_up(str(error).count("SIGKILL"))
        raise


def fixed(bench):
    service = Service(bench)
    # Fixed: what the group may still use is divided by what a worker needs.
    fit = room() // service.need()
    service.work_with(min(usual(bench, os.cpu_count()), fit))


def fixed_shared(bench):
    global index
    service = Service(bench)
    # Fixed: the index is loaded before the fork.
    index = index_of(dictionary)
    service.work_with(usual(bench, os.cpu_count()))


def usual(bench, processors):
    """How many workers a service usually has, as `usual` in src/setup.rs."""
    return min(2 * processors + 1, bench.size("most"))


# What the workers find when they are forked, and the index that each of them loads.
dictionary = index = None


class Service:
    """A service with a dictionary, and a folder in which each worker leaves a note when it has its index."""

    def __init__(self, bench):
        global dictionary
        self.bench = bench
        self.notes = pathlib.Path(bench.disk, "loaded")
        self.notes.mkdir()
        dictionary = bench.array(bench.size("index_mib") * 3 // 2)
        labkit.fact("os_cpu_count", os.cpu_count())
        labkit.fact("os_affinity", len(os.sched_getaffinity(0)))
        if hasattr(os, "process_cpu_count"):
            labkit.fact("os_process_cpu_count", os.process_cpu_count())
        labkit.fact("joblib_cpu_count", joblib.cpu_count())
        labkit.fact("psutil_total_mib", psutil.virtual_memory().total >> 20)
        labkit.fact("limit_mib", lowest()[0] >> 20)
        labkit.mark("service started")

    def need(self):
        """What one more worker takes, in MiB."""
        return self.bench.size("index_mib") + INTERPRETER_MIB

    def work_with(self, workers):
        """Has all tasks done by so many workers, each of which loads an index if there is none."""
        labkit.fact("workers_started", workers)
        with ProcessPoolExecutor(workers, FORK, initializer=begin, initargs=[self.notes]) as pool:
            tasks = range(self.bench.size("tasks"))
            answers = [pool.submit(work, number, len(tasks)) for number in tasks]
            processes = list(pool._processes.values())
            try:
                while len(os.listdir(self.notes)) < workers and not answers[-1].done():
                    time.sleep(BETWEEN_LOOKS)
                total = sum(answer.result() for answer in answers)
            except BrokenProcessPool:
                # The pool ends those that are left with another signal.
                for process in processes:
                    process.join()
                self.give_up(sum(process.exitcode == -signal.SIGKILL for process in processes))
                raise
            labkit.fact("workers_killed", 0)
            labkit.mark("indexes loaded")
            labkit.fact("tasks_answered", len(tasks))
        labkit.done(len(tasks))
        labkit.fact("checksum", labpeer.wrapped(total))
        labkit.mark("tasks done")

    def give_up(self, killed):
        labkit.fact("workers_killed", killed)
        labkit.fact("tasks_answered", 0)
        labkit.mark("indexes loaded")


def index_of(words):
    """An index: a part of the dictionary, and then its words in order, segment by segment."""
    index = words[: len(words) * 2 // 3].copy()
    for segment in range(0, len(index), SEGMENT):
        index[segment : segment + SEGMENT].sort()
    return index


def begin(notes):
    """The begin of a worker's life."""
    global index
    if index is None:
        index = index_of(dictionary)
    (notes / str(os.getpid())).touch()


def work(number, tasks):
    """One task."""
    return answer_of(index, dictionary, number, tasks)


def answer_of(index, words, number, tasks):
    each = len(index) // tasks
    part = slice(number * each, (number + 1) * each)
    return labpeer.checksum(index[part] * words[part])


def share(bench, notes, number, workers):
    """The tasks of one worker, in a fresh interpreter that has nothing of the service's."""
    # As Ray has it for its workers: where memory is short the kernel is to take one of them, and not the parent.
    pathlib.Path("/proc/self/oom_score_adj").write_text("1000")
    words = bench.array(bench.size("index_mib") * 3 // 2)
    index = index_of(words)
    (notes / str(os.getpid())).touch()
    # As all that are forked have theirs before the work begins.
    while len(os.listdir(notes)) < workers:
        time.sleep(BETWEEN_LOOKS)
    tasks = bench.size("tasks")
    return sum(answer_of(index, words, task, tasks) for task in range(number, tasks, workers))


def lowest():
    """The lowest limit of all memory groups that this process is in, in bytes, and the folder of that group."""
    return min(limits(), default=(psutil.virtual_memory().total, None))


def room():
    """What the group with the lowest limit may still use, in MiB. Page cache counts as free."""
    limit, group = lowest()
    if group is None:
        return psutil.virtual_memory().available >> 20
    usage = next(group / name for name in USAGES if (group / name).exists())
    stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    cache = [int(stat.get(f"total_{list}_file") or stat[f"{list}_file"]) for list in ("active", "inactive")]
    return (limit - int(usage.read_text()) + sum(cache)) >> 20


USAGES = ("memory.current", "memory.usage_in_bytes")

# Version 1 writes no limit as the most pages that it can count.
NO_LIMIT = 1 << 60


def limits():
    """The limit of each memory group that this process is in, and its folder (cgroups(7))."""
    own = [line.split(":", 2) for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()]
    for mount in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        words = mount.split()
        kind, options = words[words.index("-") + 1], words[-1].split(",")
        root, top = map(pathlib.Path, words[3:5])
        if kind == "cgroup" and "memory" in options:
            name, paths = "memory.limit_in_bytes", [path for _, names, path in own if "memory" in names.split(",")]
        elif kind == "cgroup2":
            name, paths = "memory.max", [path for _, names, path in own if not names]
        else:
            continue
        for path in paths:
            if not pathlib.Path(path).is_relative_to(root):
                continue
            group = top / pathlib.Path(path).relative_to(root)
            for folder in [group, *group.parents]:
                file = folder / name
                if folder.is_relative_to(top) and file.exists() and (text := file.read_text().strip()) != "max":
                    if int(text) < NO_LIMIT:
                        yield int(text), folder


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "broken-psutil": broken_psutil,
            "broken-joblib": broken_joblib,
            "fixed": fixed,
            "fixed-shared": fixed_shared,
        }
    )
