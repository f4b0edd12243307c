"""The pool is full of sharks, in CPython: a lock that a thread holds while a process is forked.

And a pool of multiprocessing that waits for a worker which is dead: the other way to hang forever.
"""

import logging
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from joblib import Parallel, delayed

import labkit
import labpeer

# The lock of the log: who writes an entry holds it. A fresh process that loads this script has one of its own.
LOCK = threading.Lock()

# What the rest of an entry takes, as if the log were on a slow disk. Nothing depends on it.
REST = 0.02


def broken(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        logger = Logger(log)
        # Broken: the fork copies the lock as it is, held by a thread that the children do not have.
        crew = Crew(log, "fork")
        labkit.mark("children started")
        logger.finish()
        labkit.mark("entry finished")
        crew.write()
        labkit.mark("children done")


def fixed(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        # Fixed: as long as there is one thread, no lock can be held by another.
        crew = Crew(log, "fork")
        logger = Logger(log)
        labkit.mark("children started")
        logger.finish()
        labkit.mark("entry finished")
        crew.write()
        labkit.mark("children done")


def late(bench, method, lock=LOCK):
    """Children that are started while the logger is in the middle of an entry, in a way that is safe."""
    with Log(bench, lock) as log:
        labkit.mark("log open")
        logger = Logger(log)
        crew = Crew(log, method)
        labkit.mark("children started")
        logger.finish()
        labkit.mark("entry finished")
        crew.write()
        labkit.mark("children done")


def fixed_spawn(bench):
    # Fixed: a fresh process loads this script again, and its lock is another one.
    late(bench, "spawn")


def fixed_server(bench):
    # Fixed: the children are forked by a process that has one thread, and never had this lock.
    late(bench, "forkserver")


def fixed_logging(bench):
    # Fixed: the lock of a handler, for as long as the handler lives, is made again in each child.
    handler = logging.Handler()
    late(bench, "fork", handler.lock)


def fixed_atfork(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        logger = Logger(log)
        # Fixed: whoever forks holds the lock, so that the child's one thread is the one that frees it.
        os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)
        logger.go_on()
        crew = Crew(log, "fork")
        labkit.mark("children started")
        logger.finish()
        labkit.mark("entry finished")
        crew.write()
        labkit.mark("children done")


def killed_pool(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        with multiprocessing.get_context("fork").Pool(bench.size("workers")) as pool:
            labkit.mark("children started")
            # Broken: a worker is killed, the pool starts another, and the task that is lost is awaited.
            for answered, _ in enumerate(pool.imap_unordered(write_or_die, log.tasks()), 1):
                labkit.fact("tasks_answered", answered)


def killed_executor(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        with ProcessPoolExecutor(bench.size("workers")) as pool:
            labkit.mark("children started")
            # Fixed: the executor waits for its workers as well as for their answers, and says that one is dead.
            list(pool.map(write_or_die, log.tasks()))


def killed_loky(bench):
    with Log(bench) as log:
        labkit.mark("log open")
        with Parallel(bench.size("workers"), backend="loky", batch_size=1) as pool:
            labkit.mark("children started")
            # Fixed: so does that of joblib.
            pool(delayed(write_or_die)(task) for task in log.tasks())


class Log:
    """A log in shared memory, what is to be written to it, and its lock."""

    def __init__(self, bench, lock=LOCK):
        array = bench.array(bench.size("array_mib"))
        writers = bench.size("workers") + 1
        part = len(array) // writers
        # Checksums of the parts of a random array, so that the log proves who has written to it.
        entries = [labpeer.checksum(array[n * part :][:part]) for n in range(writers)]
        self.entry, self.entries_of_children = entries[0], entries[1:]
        self.lock = lock
        self._file = tempfile.NamedTemporaryFile(dir=bench.shm)
        self.path = self._file.name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def is_held(self):
        free = self.lock.acquire(blocking=False)
        if free:
            self.lock.release()
        return not free

    def tasks(self):
        """A task for each child: where the entry goes, the entry, and whether the worker dies, as the first does."""
        return [(self.path, entry, number == 0) for number, entry in enumerate(self.entries_of_children)]

    def state(self):
        """States what the log holds. One entry is the logger's."""
        entries = np.fromfile(self.path, dtype=np.uint64)
        labkit.fact("entries_of_children", len(entries) - 1)
        labkit.fact("checksum", int(entries.sum(dtype=np.uint64)))


class Logger:
    """A thread in the middle of its entry: it holds the lock, and finishes when it is told to."""

    def __init__(self, log):
        self.log, self._begun, self._told = log, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        self._begun.wait()

    def _write(self):
        with self.log.lock:
            self._begun.set()
            self._told.wait()
            time.sleep(REST)
            append(self.log.path, self.log.entry)

    def go_on(self):
        """Lets the thread finish its entry, and does not wait for it."""
        self._told.set()

    def finish(self):
        """Waits until the thread has finished its entry, and states whether the lock is free then."""
        self.go_on()
        self._thread.join()
        labkit.fact("lock_free_in_parent", int(not self.log.is_held()))


class Crew:
    """The children, each with the pipe by which it is called."""

    def __init__(self, log, method):
        self._log, self._children, held = log, [], 0
        context = multiprocessing.get_context(method)
        for entry in log.entries_of_children:
            held += log.is_held()
            theirs, ours = context.Pipe(duplex=False)
            # A lock cannot be sent. A child that is forked finds it in its memory.
            lock = log.lock if method == "fork" else None
            child = context.Process(target=write_when_called, args=(theirs, log.path, entry, lock), daemon=True)
            child.start()
            self._children.append((ours, child))
        labkit.fact("lock_held_at_start", held)

    def write(self):
        """Calls the children, waits until they are done, and states what the log holds then."""
        for pipe, _ in self._children:
            pipe.send(None)
        for _, child in self._children:
            child.join()
        self._log.state()


def write_when_called(pipe, path, entry, lock):
    """The life of a child."""
    pipe.recv()
    with lock or LOCK:
        append(path, entry)


def write_or_die(task):
    """It is as if the kernel's out-of-memory killer took the first of the workers."""
    path, entry, dies = task
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    append(path, entry)


def append(path, entry):
    with open(path, "ab", buffering=0) as file:
        file.write(entry.to_bytes(8, "little"))


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "fixed-spawn": fixed_spawn,
            "fixed-server": fixed_server,
            "fixed-atfork": fixed_atfork,
            "fixed-logging": fixed_logging,
            "killed-pool": killed_pool,
            "killed-executor": killed_executor,
            "killed-loky": killed_loky,
        }
    )
