"""Killed together, in CPython: shared memory with a name, its resource tracker, and who is killed.

A job is a process in a group of its own, with a worker that multiprocessing spawns. The tracker is CPython's.
"""

import ctypes
import math
import mmap
import multiprocessing
import os
import signal
import struct
import traceback
from multiprocessing.reduction import DupFd
from multiprocessing.shared_memory import SharedMemory

import numpy as np

import labkit
import labpeer

PR_SET_CHILD_SUBREAPER = 36


def broken(bench):
    # Broken: the tracker is in the group of the job, so whoever kills the group kills both that know the names.
    run_jobs(bench, work_with_names, os.killpg)


def tracker(bench):
    # Fixed: the owner is killed alone, and its tracker sees that and removes the names.
    run_jobs(bench, work_with_names, os.kill)


def fixed(bench):
    run_jobs(bench, work_without_names, os.killpg)


def fixed_unlink(bench):
    run_jobs(bench, work_with_short_names, os.killpg)


def work_with_names(job):
    segments = [named(part) for part in job.parts()]
    job.hand_over([segment.name for segment in segments])
    job.report()


def work_with_short_names(job):
    segments = [named(part) for part in job.parts()]
    job.hand_over([segment.name for segment in segments])
    for segment in segments:
        # Fixed: the worker has attached by now, so no name is needed any more.
        segment.unlink()
    job.report()


def work_without_names(job):
    segments = []
    for part in job.parts():
        # Fixed: this file has no name. The worker is sent its descriptor, and the kernel frees it after the last one.
        segment = os.memfd_create("segment")
        os.write(segment, part)
        segments.append(segment)
    job.hand_over([DupFd(segment) for segment in segments])
    job.report()


def named(part):
    """Shared memory with a name, which the resource tracker is told of."""
    segment = SharedMemory(create=True, size=part.nbytes)
    np.frombuffer(segment.buf, dtype=np.float64)[:] = part
    return segment


def run_jobs(bench, work, kill):
    """Starts jobs one after another, and kills each when its segments have been read."""
    # Whatever a killed job leaves behind becomes a child of this process, which can wait for it.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    array = bench.array(bench.size("segments") * bench.size("segment_mib"))
    labkit.mark("jobs begin")
    total = 0
    for done in range(bench.size("jobs")):
        report, reporting = os.pipe()
        owner = os.fork()
        if owner == 0:
            os.setpgid(0, 0)
            try:
                work(Job(bench, array, done, reporting))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(reporting)
        total += struct.unpack("Q", os.read(report, 8))[0]
        os.close(report)
        labkit.done(done) if done else labkit.mark("first job at work")
        kill(owner, signal.SIGKILL)
        wait_for_all()
        labkit.done(done + 1)
        if done == 0:
            labkit.mark("first job killed")
    labkit.fact("jobs_done", bench.size("jobs"))
    labkit.fact("checksum", labpeer.wrapped(total))
    labkit.mark("last job killed")


def wait_for_all():
    """Waits until all children are gone: the job, and the orphans that it leaves."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


class Job:
    """A job, as it sees itself."""

    def __init__(self, bench, array, number, reporting):
        self._segments, self._array, self._reporting = bench.size("segments"), array, reporting
        self._factor = math.modf((number + 1) * math.sqrt(2))[0]

    def parts(self):
        """The numbers of each segment."""
        for part in np.split(self._array, self._segments):
            yield part * self._factor

    def hand_over(self, segments):
        """Has a worker read segments, which keeps them until the job ends."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._worker = context.Process(target=read, args=(theirs, segments))
        self._worker.start()
        theirs.close()
        self._sum = self._pipe.recv()

    def report(self):
        """Says what the worker has read, and waits for more work, which never comes."""
        os.write(self._reporting, struct.pack("Q", self._sum))
        self._worker.join()


def read(pipe, segments):
    """The life of a worker."""
    opened = [SharedMemory(name=one) if isinstance(one, str) else mmap.mmap(one.detach(), 0) for one in segments]
    buffers = [one.buf if isinstance(one, SharedMemory) else one for one in opened]
    pipe.send(labpeer.wrapped(sum(labpeer.checksum(np.frombuffer(buffer, dtype=np.float64)) for buffer in buffers)))
    try:
        pipe.recv()
    except EOFError:
        # The job is dead. What this process has open goes with it.
        os._exit(0)


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "tracker": tracker,
            "fixed": fixed,
            "fixed-unlink": fixed_unlink,
        }
    )
