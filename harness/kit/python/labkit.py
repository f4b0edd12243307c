"""Tells `lab` where a program is and what it did, on the channel that harness/kit/src/channel.rs documents.

Without a channel it prints, so a program with it runs by hand as well. Speak from one thread of the
process that was recorded: its workers, forked or spawned, have no channel.
"""

import os
import socket
import sys
import time

# Whether lines are printed that nobody listens to.
prints = True
channel = None


def _open():
    # Taken over by this process: children that it starts have no channel of their own.
    number = os.environ.pop("LAB_CHANNEL", "")
    try:
        found = socket.socket(fileno=int(number))
    except (OSError, ValueError):
        return None  # There is no recorder, or whoever started this process has closed the channel.
    try:
        if (found.family, found.type) == (socket.AF_UNIX, socket.SOCK_STREAM):
            found.getpeername()
            found.set_inheritable(False)
            return found
    except OSError:
        pass
    found.detach()  # The number is another socket's by now, and that one stays open.
    return None


def _leave():
    global channel
    channel = None


channel = _open()
_waited = time.monotonic()
os.register_at_fork(after_in_child=_leave)


def mark(name):
    """A phase begins: returns when the memory has been looked at."""
    _say(f"mark {name}")
    _wait()


def done(count):
    """So many tasks are done by now."""
    if channel:
        _say(f"done {count}")
        # What is counted belongs to what is sampled, and small tasks do not wait each time.
        if time.monotonic() - _waited >= 0.001:
            _say("wait")
            _wait()


def fact(name, number):
    """A count that only the program knows."""
    _say(f"fact {name} {number}")


def fail(errno, text):
    """The program is about to end with this error; 0 where there is no errno."""
    _say(f"fail {errno} {' '.join(text.split())[:1000]}")


def _say(line):
    try:
        if channel:
            channel.sendall(line.encode() + b"\n")
        elif prints:
            print(line, file=sys.stderr)
    except OSError:
        pass  # Whoever listened is gone, which is no reason to fail.


def _wait():
    global _waited
    try:
        channel and channel.recv(1)
    except OSError:
        pass
    _waited = time.monotonic()
