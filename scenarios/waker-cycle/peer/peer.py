"""The task that waits for itself, in CPython: a task of asyncio, and a future that nobody else has."""

import asyncio
import ctypes
import gc
import sys
import weakref

import labkit
import labpeer

# What is freed is to leave the process at once, as `labkit::sys::map_large_blocks` has it: -3 is
# M_MMAP_THRESHOLD of mallopt(3).
ctypes.CDLL(None).mallopt(-3, 1 << 16)


def broken(bench):
    gc.disable()
    # Broken: the task is let go, and its future calls the task when it's done.
    serve(bench, lambda loop, task: None)


def fixed(bench):
    gc.disable()
    # Fixed: the exception ends the task, and what has ended waits for nothing.
    serve(bench, lambda loop, task: task.cancel())


def fixed_collect(bench):
    gc.disable()
    # Fixed: the ring is found, but by a walk over all that is alive.
    serve(bench, lambda loop, task: None, after_gone=gc.collect)


def collected(bench):
    # Broken: the collector counts objects, and not what they hold.
    serve(bench, lambda loop, task: None)


def kept(bench):
    tasks = set()

    def keep(loop, task):
        # Broken: whatever is in the set is in use, so no collector frees it.
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def clear():
        tasks.clear()
        gc.collect()

    serve(bench, keep, after_all=gc.collect, in_the_end=clear)


class Counts:
    buffers = most = answered = total = destroyed = collections = 0
    last = None


class Buffer:
    """The numbers that a request has read. It's counted for as long as it lives."""

    def __init__(self, numbers):
        Counts.buffers += 1
        Counts.most = max(Counts.most, Counts.buffers)
        self.numbers = numbers

    def __del__(self):
        Counts.buffers -= 1

    def read(self):
        Counts.total += labpeer.checksum(self.numbers)


async def handle(buffer, slot):
    """One request: reads its buffer, and waits for the answer."""
    buffer.read()
    await slot
    Counts.answered += 1


def serve(bench, let_go, after_gone=lambda: None, after_all=lambda: None, in_the_end=lambda: None):
    """Handles all requests, one after the other, and closes the loop in the end."""
    kib = bench.size("buffer_kib")
    data = bench.array(-(-kib // 1024))[: kib * 128].copy()
    answered, abandoned = bench.size("answered"), bench.size("abandoned")
    every = answered // abandoned + 1
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(count_destroyed)
    gc.callbacks.append(count_collections)
    labkit.mark("requests begin")
    for number in range(1, answered + abandoned + 1):
        serve_one(loop, Buffer(data * float(number)), number % every != 0, let_go)
        turn(loop)
        if number % every == 0:
            after_gone()
        labkit.done(number)
    after_all()
    labkit.fact("buffers_left", Counts.buffers)
    labkit.fact("most_buffers", Counts.most)
    labkit.fact("tasks_left", len(asyncio.all_tasks(loop)))
    labkit.fact("answered", Counts.answered)
    labkit.fact("handles_left", handles(Counts.last))
    labkit.fact("tasks_destroyed", Counts.destroyed)
    labkit.fact("collections", Counts.collections)
    labkit.fact("checksum", labpeer.wrapped(Counts.total))
    labkit.mark("requests done")
    loop.close()
    del loop
    in_the_end()
    labkit.fact("buffers_in_the_end", Counts.buffers)
    labkit.mark("executor gone")


def serve_one(loop, buffer, is_answered, let_go):
    """Has no handle to anything when it returns."""
    slot = loop.create_future()
    task = loop.create_task(handle(buffer, slot))
    Counts.last = weakref.ref(task)
    turn(loop)
    if is_answered:
        slot.set_result(True)
    else:
        let_go(loop, task)


def turn(loop):
    """Lets the loop run all that can go on."""
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))


def handles(known):
    """How many handles there are to what a weak reference knows, without those of whoever asks."""
    probe = Probe()
    # The probe has one handle here, and whatever else is counted is counted for both.
    return 0 if known() is None else sys.getrefcount(known()) - sys.getrefcount(weakref.ref(probe)()) + 1


class Probe:
    pass


def count_destroyed(_, context):
    # A task that is destroyed while it's pending says so, and that is all that anybody hears of it.
    Counts.destroyed += "destroyed" in context["message"]


def count_collections(phase, _):
    Counts.collections += phase == "start"


if __name__ == "__main__":
    labpeer.run(
        {
            "broken": broken,
            "fixed": fixed,
            "fixed-collect": fixed_collect,
            "collected": collected,
            "kept": kept,
        }
    )
