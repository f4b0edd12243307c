"""Tells `lab` where a program is and what it did, on the channel that src/channel.rs documents.

Without a channel it prints, so a program with it runs by hand as well. Speak from one thread.
"""

import os
import socket
import sys
import time

# Taken over by this process: children that it starts have no channel of their own.
_number = os.environ.pop("LAB_CHANNEL", None)
channel = socket.socket(fileno=int(_number)) if _number else None
if channel:
    channel.set_inheritable(False)
_waited = time.monotonic()


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
        channel.sendall(line.encode() + b"\n") if channel else print(line, file=sys.stderr)
    except OSError:
        pass  # Whoever listened is gone, which is no reason to fail.


def _wait():
    global _waited
    try:
        channel and channel.recv(1)
    except OSError:
        pass
    _waited = time.monotonic()
