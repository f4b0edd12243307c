"""Reports tasks to lab, and remembers something of each."""
import os, socket, sys, time
channel = socket.socket(fileno=int(os.environ["LAB_CHANNEL"]))
memory = []
for number in range(1, int(sys.argv[1]) + 1):
    piece = bytearray(512 << 10)
    if sys.argv[2] == "keep":
        memory.append(piece)
    channel.sendall(f"done {number}\n".encode())
    time.sleep(0.01)
