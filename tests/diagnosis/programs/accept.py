"""A server that mostly waits: a client comes about twice a second."""
import os
import socket
import tempfile
import threading
import time

path = os.path.join(tempfile.mkdtemp(), "socket")
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()


def visit():
    for _ in range(9):
        time.sleep(0.5)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.recv(100)


visitor = threading.Thread(target=visit)
visitor.start()
for _ in range(9):
    connection, _ = server.accept()
    connection.sendall(b"hello")
    connection.close()
visitor.join()
os.unlink(path)
os.rmdir(os.path.dirname(path))
