# A program that marks its phases has a pool of workers; WORD is how they are started.
import os, subprocess, sys
program = """
import os, sys
sys.path.insert(0, os.environ["PROGRAMS"])
import labkit
import multiprocessing
def work(n): return n * n
if __name__ == "__main__":
    labkit.mark("begin")
    with multiprocessing.get_context(os.environ["WORD"]).Pool(2) as pool: print(pool.map(work, range(4)))
    labkit.mark("end")
"""
# Without labkit: the lines of the book's page, at the top of the program.
snippet = program.replace("import labkit\n", """
import socket
number = os.environ.pop("LAB_CHANNEL", None)
lab = socket.socket(fileno=int(number)) if number else None
class labkit:
    def mark(name):
        if lab:
            lab.sendall(f"mark {name}\\n".encode())
            lab.recv(1)
""")
# Without a recorder labkit prints its marks on the standard error.
for name, text in (("kit", program), ("snippet", snippet)):
    open(f"{name}.py", "w").write(text)
    try: print(subprocess.run(sys.argv[1:] + ["python3", f"{name}.py"], timeout=20, stderr=subprocess.DEVNULL).returncode, flush=True)
    except subprocess.TimeoutExpired: print("hangs", flush=True)
