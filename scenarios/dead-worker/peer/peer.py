"""The answer that never comes, in CPython: workers of a pool are killed with a task in hand."""

import contextlib
import multiprocessing
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

import labkit
import labpeer

# The workers inherit what is there, as ours do.
FORK = multiprocessing.get_context("fork")

# How often the parent looks at what has no descriptor to wait for. Nothing depends on it.
BETWEEN_LOOKS = 0.01


def broken(bench):
    desk = Desk(bench)
    with FORK.Pool(bench.size("workers")) as pool:
        labkit.mark("workers started")
        # Broken: the pool starts a fresh worker for each that is dead, and waits for the answers all the same.
        answers = pool.imap_unordered(work, desk.open_tasks())
        desk.lose_some()
        for answer in answers:
            desk.take(answer)
        labkit.mark("answers in")
    desk.close()


def fixed(bench):
    desk = Desk(bench)
    with FORK.Pool(bench.size("workers")) as pool:
        labkit.mark("workers started")
        results = {task[1]: pool.apply_async(work, [task]) for task in desk.open_tasks()}
        # The pool forgets a worker that is dead, and so do its exit codes: they are kept here.
        workers = set(pool._pool)
        desk.lose_some()
        while results:
            # Fixed: whoever has a task has left a note, and who is dead is known by the exit code.
            dead = {worker.pid for worker in workers if worker.exitcode}
            for number in [number for number, result in results.items() if result.ready()]:
                desk.take(results.pop(number).get())
            for number in [number for number in results if desk.who_has(number) in dead]:
                del results[number]
                desk.fail()
            workers |= set(pool._pool)
            time.sleep(BETWEEN_LOOKS)
        labkit.mark("answers in")
    desk.close()


def fixed_executor(bench):
    desk = Desk(bench)
    while tasks := desk.open_tasks():
        with ProcessPoolExecutor(bench.size("workers"), FORK) as pool:
            answers = [pool.submit(work, task) for task in tasks]
            desk.begin("workers started")
            try:
                for answer in as_completed(answers):
                    desk.take(answer.result())
            except BrokenProcessPool:
                # Fixed: the executor watches its workers, and gives up; the rest is for another one.
                continue
    labkit.mark("answers in")
    desk.close()


def fixed_loky(bench):
    desk = Desk(bench)
    while tasks := desk.open_tasks():
        calls = [delayed(work)(task) for task in tasks]
        pool = Parallel(
            bench.size("workers"),
            backend="loky",
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="all",
        )
        try:
            answers = pool(calls)
            desk.begin("workers started")
            for answer in answers:
                desk.take(answer)
        except TerminatedWorkerError:
            # Fixed: so does that of joblib.
            continue
    labkit.mark("answers in")
    desk.close()


class Desk:
    """What is known of the tasks, and the folder in which those who have one leave a note."""

    def __init__(self, bench):
        self.bench = bench
        self.folder = os.path.join(bench.shm, "desk")
        os.mkdir(self.folder)
        os.mkfifo(gate_of(self.folder))
        self.answered, self.failed, self.pools, self.sum = set(), 0, 0, 0
        self.state()

    def open_tasks(self):
        """The tasks without an answer. Those of the first round, one for each worker, go to the gate."""
        tasks = range(self.bench.size("tasks"))
        return [(self.bench, number, self.folder) for number in tasks if number not in self.answered]

    def begin(self, mark):
        """A pool has its tasks. The first one loses some of its workers."""
        self.pools += 1
        labkit.fact("pools_started", self.pools)
        if self.pools == 1:
            labkit.mark(mark)
            self.lose_some()

    def lose_some(self):
        """Kills some of the workers when all have what they need for their first task."""
        while None in (holders := [self.who_has(number) for number in range(self.bench.size("workers"))]):
            time.sleep(BETWEEN_LOOKS)
        labkit.mark("tasks in hand")
        victims = holders[: self.bench.size("killed")]
        for victim in victims:
            # An executor ends all its workers when one is dead, and may be quicker.
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        while any(map(lives, victims)):
            time.sleep(BETWEEN_LOOKS)
        labkit.mark("workers killed")
        # For reading too, so that it opens where nobody is left to read. It stays open, and nobody waits again.
        os.open(gate_of(self.folder), os.O_RDWR)
        for _ in holders:
            with open(gate_of(self.folder), "wb", buffering=0) as gate:
                gate.write(b"!")

    def who_has(self, number):
        """The process that has left a note that it has this task, or None."""
        try:
            with open(note_of(self.folder, number)) as note:
                return int(note.read())
        except FileNotFoundError:
            return None

    def take(self, answer):
        number, value = answer
        self.answered.add(number)
        # Some variants have no answer to the tasks of the killed workers, so these are in no sum.
        if number >= self.bench.size("killed"):
            self.sum += value
        self.state()
        labkit.done(len(self.answered))

    def fail(self):
        self.failed += 1
        self.state()

    def state(self):
        """States how far the pool is. It may be the last time that it can."""
        labkit.fact("tasks_answered", len(self.answered))
        labkit.fact("tasks_failed", self.failed)
        labkit.fact("tasks_open", self.bench.size("tasks") - len(self.answered) - self.failed)

    def close(self):
        labkit.fact("checksum", labpeer.wrapped(self.sum))
        labkit.mark("pool closed")


def work(task):
    """The task of a worker: it fills an array of its own, and answers with a number."""
    bench, number, folder = task
    numbers = bench.array(bench.size("array_mib"))
    numbers *= number + 1.0
    note = note_of(folder, number)
    is_first = not os.path.exists(note)
    # With its text from the first moment on.
    with open(f"{note}.{os.getpid()}", "w") as file:
        file.write(str(os.getpid()))
    os.replace(file.name, note)
    if is_first and number < bench.size("workers"):
        with open(gate_of(folder), "rb", buffering=0) as gate:
            gate.read(1)
    return number, labpeer.checksum(numbers)


def note_of(folder, number):
    return os.path.join(folder, f"task-{number}")


def gate_of(folder):
    return os.path.join(folder, "gate")


def lives(pid):
    """Whether a process has not ended. One that nobody has waited for yet has."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "fixed-executor": fixed_executor,
            "fixed-loky": fixed_loky,
        }
    )
