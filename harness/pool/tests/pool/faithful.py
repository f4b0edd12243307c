"""joblib's answers to the questions of `faithful.rs`: python faithful.py BACKEND FOLDER, one object of JSON.

The questions are asked there in the same words, of the same arrays. See `behaviours.toml`. No view of a
map that runs backwards is among them, and none that is empty: joblib 1.6.0 wants to map the first from
an offset below zero (OverflowError in the worker), and with multiprocessing waits for it forever.
"""

import json
import os
import sys
import tempfile
import threading
import time

import joblib._memmapping_reducer as reducer
import numpy
from joblib import Parallel, delayed
from joblib.externals.loky import reusable_executor

# Arrays of more bytes are handed over as files.
THRESHOLD = 512
# How many numbers make an array that is surely one of them.
LARGE = 2 * THRESHOLD
BACKEND, PARENT = sys.argv[1:]
# A folder of its own for each behaviour: what one leaves behind is not counted by the next.
FOLDER = PARENT


def numbers(start, length):
    """The same as `numbers` in tasks.rs."""
    return numpy.arange(start, start + length, dtype=numpy.float64)


def file(array):
    """The file that an array is mapped from."""
    mapping = reducer._get_backing_memmap(array)
    return None if mapping is None else mapping.filename


def total(array):
    return float(array.sum())


def echo(array):
    return array


def keep(array):
    """Holds the array in a cycle that nobody collects."""
    cycle = [array]
    cycle.append(cycle)
    KEPT.append(cycle)


KEPT = []


def fail(array):
    raise ValueError(f"{len(array)} numbers were too many")


def session(**options):
    """A pool of two workers that lasts as long as its `with`."""
    options = {"temp_folder": FOLDER, "max_nbytes": THRESHOLD, **options}
    return Parallel(n_jobs=2, backend=BACKEND, **options)


def run(pool, task, arrays):
    return pool(delayed(task)(array) for array in arrays)


def files(folder=None):
    """How many files there are below a folder."""
    return sum(len(names) for _, _, names in os.walk(folder or FOLDER))


def left(folder):
    """Whether a folder stays: joblib's are removed soon after the session, and not always with it."""
    for _ in range(100):
        if not os.path.exists(folder):
            return False
        time.sleep(0.1)
    return True


def after_the_last_session():
    """Waits until nothing is left of it that could be counted once more."""
    for name in os.listdir(FOLDER):
        left(os.path.join(FOLDER, name))


def mapped(length, shape=None, offset=0):
    """An array that is mapped from a file outside of FOLDER."""
    path = os.path.join(OUTSIDE.name, f"{length}")
    if not os.path.exists(path):
        numbers(0, length).tofile(path)
    return numpy.memmap(path, dtype=numpy.float64, mode="r", shape=shape or (length,), offset=8 * offset)


OUTSIDE = tempfile.TemporaryDirectory()


def arrive(arrays):
    """Whether arrays come back as they are, and how many files were written for that."""
    after_the_last_session()
    with session() as pool:
        back = run(pool, echo, arrays)
        same = all(numpy.array_equal(one, other) for one, other in zip(back, arrays))
        return {"the numbers arrive": same, "files": files()}


def behaviour_1():
    array = mapped(LARGE)
    half, table = array[LARGE // 2 :], array.reshape(LARGE // 8, 8)
    with session() as pool:
        same = [found == array.filename for found in run(pool, file, [array, half])]
        double = array + array
        of_sum = file(double)
        run(pool, total, [double])
        written = files()
    arrived, turned = arrive([table]), arrive([table.T])
    return {
        "the array and its half arrive mapped from its file": same,
        "the sum of two is mapped": of_sum is not None,
        "files for the sum": written,
        "the table arrives": arrived["the numbers arrive"],
        "its transpose arrives": turned["the numbers arrive"],
        "files for the two": arrived["files"] + turned["files"],
    }


def behaviour_2():
    block = mapped(1680, (5, 6, 7, 8))
    return arrive([block[1:3], block[:, 1:3], block[:, :, ::2], block[:, :, :, 3:], block[::2, 2, ::3, ::2]])


def behaviour_3():
    parts = [mapped(5000, (900,), offset) for offset in (1, 511, 512, 513, 4000)]
    return arrive([view for part in parts for view in (part, part[7::3])])


def behaviour_5():
    array = mapped(LARGE)
    half = array[LARGE // 2 :]
    with session() as pool:
        same = run(pool, file, [half] * 3) == [array.filename] * 3
        return {"the view arrives mapped from the file": same, "files": files()}


def behaviour_6():
    with session() as pool:
        run(pool, keep, [numbers(0, LARGE), numbers(1, LARGE)])
        folder = os.path.dirname(run(pool, file, [numbers(2, LARGE)])[0])
    return {"the folder stays": left(folder)}


def behaviour_7():
    array = numbers(0, LARGE)
    return arrive([array] * 30)


def behaviour_8():
    array = numbers(0, LARGE)
    with session() as pool:
        back = run(pool, echo, [array])[0]
    return {"the result is mapped": file(back) is not None, "the numbers stay": numpy.array_equal(back, array)}


def behaviour_9():
    folders = set()
    for _ in range(2):
        with session() as pool:
            folders.add(os.path.dirname(run(pool, file, [numbers(0, LARGE)])[0]))
    return {"folders": len(folders)}


def behaviour_10():
    array = numbers(0, LARGE)
    with session() as pool:
        same = run(pool, file, [array]) == run(pool, file, [array])
        return {"the file is the same": same, "files": files()}


def on_two_threads(first, second):
    answers = {}
    threads = [threading.Thread(target=lambda name=name, work=work: answers.update({name: work()}))
               for name, work in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers[0], answers[1]


def behaviour_11():
    def work():
        with session() as pool:
            found = run(pool, file, [numbers(start, LARGE) for start in range(20)])
            folder = os.path.dirname(found[0])
            return folder, len(set(found)), files(folder)

    one, other = on_two_threads(work, work)
    return {
        "the folder is the same": one[0] == other[0],
        "files of each": [one[1:], other[1:]],
        "a folder stays": left(one[0]) or left(other[0]),
    }


def results_or_error(task):
    try:
        with session() as pool:
            return len(run(pool, task, [numbers(start, LARGE) for start in range(20)]))
    except (ValueError, RuntimeError):
        return "an error"


def behaviour_12():
    good, bad = on_two_threads(lambda: results_or_error(total), lambda: results_or_error(fail))
    return {"results of the good one": good, "results of the bad one": bad}


def behaviour_13():
    array = numbers(0, LARGE)
    with session() as pool:
        same = all(run(pool, total, [array, array]) == [total(array)] * 2 for _ in range(5))
        return {"the sums are right": same, "files": files()}


def behaviour_14():
    above, at = numbers(0, THRESHOLD // 8 + 1), numbers(0, THRESHOLD // 8)
    with session() as pool:
        before = len(os.listdir(FOLDER)) > 0
        found = run(pool, file, [above] * 30)
        written, size = files(), os.path.getsize(found[0])
        at_threshold = run(pool, file, [at])
        return {
            "the folder is there before the first file": before,
            "files for thirty tasks": written,
            "all are given the same": len(set(found)) == 1,
            "bytes of the file": size,
            "an array at the threshold is mapped": at_threshold != [None],
            "files after it": files(),
        }


def behaviour_15():
    with session() as pool:
        folder = os.path.dirname(run(pool, file, [numbers(0, LARGE)])[0])
        try:
            run(pool, fail, [numbers(1, LARGE)])
            error = None
        except ValueError as raised:
            error = str(raised)
    return {"the error": error, "the folder stays": left(folder)}


def behaviour_16():
    with session(max_nbytes=None) as pool:
        return {"the array is mapped": run(pool, file, [numbers(0, 1 << 16)]) != [None], "files": files()}


def with_minimum(minimum, **options):
    """A session that takes /dev/shm where so many bytes are to spare."""
    reducer.SYSTEM_SHARED_MEM_FS_MIN_SIZE = minimum
    return session(temp_folder=None, **options)


def behaviour_17():
    one, two = numbers(0, LARGE), numbers(1, LARGE)
    with with_minimum(0) as pool:
        folder = os.path.dirname(run(pool, file, [one] * 10)[0])
        first = files(folder)
        run(pool, total, [two])
        second = files(folder)
    return {
        "the folder is in /dev/shm": folder.startswith("/dev/shm/"),
        "files for one array, and for another": [first, second],
        "the folder stays": left(folder),
    }


def behaviour_18():
    with with_minimum(1 << 62) as pool:
        folder = os.path.dirname(run(pool, file, [numbers(0, LARGE)])[0])
    return {"the folder is in /dev/shm": folder.startswith("/dev/shm/"), "the folder stays": left(folder)}


def behaviour_19():
    array = numbers(0, LARGE)
    with session(max_nbytes=None) as pool:
        back = run(pool, echo, [array])[0]
        return {"the result is mapped": file(back) is not None, "the numbers arrive": numpy.array_equal(back, array)}


def behaviour_20():
    return arrive([mapped(1 << 18)[-10:]])


def behaviour_21():
    reducer.SYSTEM_SHARED_MEM_FS_MIN_SIZE = 0
    with session() as pool:
        found = run(pool, file, [numbers(0, LARGE)])[0]
        return {"the folder is where it was told to be": os.path.dirname(os.path.dirname(found)) == FOLDER}


def behaviour_23():
    array = numbers(0, LARGE)
    with session() as pool:
        run(pool, total, (array for _ in range(5)))
        one = files()
    after_the_last_session()
    with session() as pool:
        sums = run(pool, total, (numbers(start, LARGE) for start in range(200)))
        right = sums == [total(numbers(start, LARGE)) for start in range(200)]
        return {"files for one array": one, "files for 200 that are soon gone": files(), "the sums are right": right}


def behaviour_26():
    table = mapped(LARGE).reshape(LARGE // 4, 4)
    with session() as pool:
        back = run(pool, echo, [table])[0]
        same = numpy.array_equal(back, table)
        return {"the second row begins with": float(back[1, 0]), "the numbers arrive": same, "files": files()}


def behaviour_28():
    with session() as pool:
        back = run(pool, echo, (numpy.full(LARGE, float(start)) for start in range(100)))
        right = all((array == start).all() for start, array in enumerate(back))
        return {"each has its own numbers": bool(right), "files": files()}


def behaviour_29():
    with session() as pool:
        found = run(pool, file, [numbers(start, LARGE) for start in range(10)])
        during = files()
        folder = os.path.dirname(found[0])
    return {"files during the session": during, "the folder stays": left(folder)}


def answers(behaviour, number):
    global FOLDER
    FOLDER = os.path.join(PARENT, str(number))
    os.mkdir(FOLDER)
    # loky's workers outlive a session, and keep the folder that the first one was told of.
    if reusable_executor._executor is not None:
        reusable_executor._executor.shutdown(wait=True)
    return behaviour()


def main():
    behaviours = {number: globals().get(f"behaviour_{number}") for number in range(1, 30)}
    print(json.dumps({number: answers(one, number) for number, one in behaviours.items() if one}))


if __name__ == "__main__":
    # Imported under its name, so that loky's workers find the tasks in a module too.
    import faithful

    faithful.main()
