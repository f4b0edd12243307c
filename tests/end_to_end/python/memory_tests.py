"""Tests that take memory, each of which passes or fails by its limit."""

import mmap
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

MIB = 1 << 20


def take(mib):
    block = mmap.mmap(-1, mib * MIB)
    for at in range(0, len(block), mmap.PAGESIZE):
        block[at] = 1
    return block


# Given back within microseconds, which no sample sees.
@pytest.mark.limit_memory("40 MB")
def test_a_spike_is_over():
    take(60).close()


@pytest.mark.limit_memory("100 MB")
def test_a_spike_is_under():
    take(60).close()


@pytest.mark.limit_memory("40 MB")
def test_a_child_is_over():
    child = "import time; block = bytearray(b'x') * (80 << 20); time.sleep(2)"
    subprocess.run([sys.executable, "-c", child], check=True)


def work(block):
    sum(block[at] for at in range(0, len(block), mmap.PAGESIZE))
    time.sleep(1)


# Each child has all of it resident, and it's there once.
@pytest.mark.limit_memory("120 MB")
def test_forked_children_share():
    context, block = multiprocessing.get_context("fork"), take(60)
    children = [context.Process(target=work, args=(block,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()


def test_there_is_no_child_that_is_not_ours():
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.limit_memory("1 MB")
def test_fails_by_itself():
    take(4)
    assert False, "its own reason"


@pytest.mark.limit_memory("lots")
def test_has_a_limit_that_is_none():
    pass
