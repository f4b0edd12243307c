"""Sends to sockets whose other end is never read, until each buffer is full."""
import socket
import time

pairs = []
for _ in range(180):
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    try:
        while True:
            ours.send(b"m" * 3000)
    except BlockingIOError:
        pairs.append((ours, theirs))
    time.sleep(0.01)
time.sleep(2)
