"""Samples the memory of a process and its descendants, between `begin` and `end` on the standard input.

It is a program of its own: a thread of the process would wait for the interpreter's lock just when an
extension allocates most.
"""

import os
import select
import sys
import time

PAGE = os.sysconf("SC_PAGE_SIZE")

# The shortest and the longest time from one sample to the next, in seconds, and the part of a processor that samples
# may take.
INTERVAL, LONGEST, PART = 0.01, 0.5, 0.1


def main(pid):
    # An orphan is nobody's child.
    if os.fork():
        os._exit(0)
    measured, lines = None, Lines(pid)
    while True:
        pause = None if measured is None else measured.pause
        line = lines.next(pause)
        if line is None:
            measured.sample()
            continue
        if line == "":
            return
        try:
            if line == "begin":
                measured = Measured(pid)
                answer = ""
            elif line == "end":
                answer = "{} {}".format(*measured.end())
                measured = None
            else:
                pss(pid)
                answer = ""
            print("ok", answer, flush=True)
        except OSError as error:
            print("no", error, flush=True)


class Lines:
    """The lines of the standard input, each waited for no longer than until the next sample."""

    def __init__(self, pid):
        self._pid = pid
        self._rest = b""

    def next(self, pause):
        """A line, or None when the time is up; an empty one at the end of the input, or of the process."""
        while b"\n" not in self._rest:
            # A child of the process may hold the other end open.
            ready, _, _ = select.select([0], [], [], 1 if pause is None else pause)
            if not ready:
                if not os.path.exists(f"/proc/{self._pid}"):
                    return ""
                if pause is None:
                    continue
                return None
            more = os.read(0, 4096)
            if not more:
                return ""
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


class Measured:
    """One test."""

    def __init__(self, pid):
        self._pid = pid
        self._processes = 1
        self.pause = INTERVAL
        self._before, _ = together(pid)
        self._most = self._before
        try:
            with open(f"/proc/{pid}/clear_refs", "w") as file:
                file.write("5")
            self._is_reset = True
        except OSError:
            self._is_reset = False
        self._alone = self._alone_most = rss(pid)

    def sample(self):
        begun = time.process_time()
        try:
            self._alone_most = max(self._alone_most, rss(self._pid))
            tree = descendants(self._pid)
            self._processes = max(self._processes, len(tree))
            # Of one process alone, the kernel keeps the peak.
            if len(tree) > 1 or not self._is_reset:
                size, processes = together(self._pid)
                self._most = max(self._most, size)
                self._processes = max(self._processes, processes)
        except OSError:
            pass  # It is about to end.
        # Not by the clock: on a busy machine, this program waits for others.
        self.pause = min(max(INTERVAL, (time.process_time() - begun) / PART), LONGEST)

    def end(self):
        self.sample()
        if self._is_reset:
            self._alone_most = max(self._alone_most, high_water_mark(self._pid))
        return max(self._alone_most - self._alone, self._most - self._before, 0), self._processes


def together(pid):
    """The memory of a process and its descendants, in bytes, and how many they are.

    They are read one after the other. What one that ends meanwhile has shared would be counted as others' once
    more, so it's read again then; if they come and go all the time, the least that was read is taken.
    """
    sums = []
    for _ in range(3):
        sizes = {process: pss_or_nothing(process) for process in descendants(pid)}
        sums.append((sum(sizes.values()), len(sizes)))
        living = {process for process in descendants(pid) if rss_or_nothing(process)}
        if living == {process for process, size in sizes.items() if size}:
            return sums[-1]
    return min(sums)


def descendants(pid):
    """A process and all that descend from it, but this program."""
    found, own = [pid], os.getpid()
    try:
        for process in found:
            try:
                threads = os.listdir(f"/proc/{process}/task")
            except OSError:
                continue
            for thread in threads:
                found += [child for child in children(process, thread) if child != own]
    except NotImplementedError:
        parents = all_parents()
        found = [pid]
        for process in found:
            found += [child for child, parent in parents.items() if parent == process and child != own]
    return found


def children(process, thread):
    try:
        with open(f"/proc/{process}/task/{thread}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        if os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children"):
            return []  # The thread has ended.
        raise NotImplementedError from None
    except OSError:
        return []


def all_parents():
    """The parent of each process, where the kernel doesn't list children."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    return parents


def rss(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE


def rss_or_nothing(pid):
    try:
        return rss(pid)
    except OSError:
        return 0  # It has ended.


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024


def pss_or_nothing(pid):
    try:
        return pss(pid)
    except OSError:
        return 0  # It has ended, or is another user's.


def high_water_mark(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
