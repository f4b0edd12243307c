# An interactive shell on a terminal; WORD is what happens there. Prints what the program said, and the code of the shell.
import fcntl, os, pty, re, select, struct, sys, termios, time
programs = {
    "spin": """
import signal, sys, time
signal.signal(signal.SIGQUIT, lambda *_: print("@thread dump", flush=True))
print("@ready", flush=True)
try:
    for _ in range(200):
        time.sleep(0.05)
        import os
        if os.path.exists("enough"): break
    print("@done", flush=True)
except KeyboardInterrupt:
    print("@interrupted", flush=True); time.sleep(0.3); print("@clean", flush=True); sys.exit(7)
""",
    "stops": "import os, signal\nprint('@ready', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)\nprint('@goes on', flush=True)",
    "size": """
import os, signal, time
def changed(*_): print("@size", *os.get_terminal_size(0), flush=True)
signal.signal(signal.SIGWINCH, changed)
changed(); print("@ready", flush=True)
for _ in range(60): time.sleep(0.05)
""",
    "reads": "import os\nprint('@ready', os.isatty(0), os.isatty(1), os.isatty(2), os.tcgetpgrp(0) == os.getpgrp(), flush=True)\nprint('@read', input())",
}
# What is waited for, and then typed; ("", text) waits for nothing.
sessions = {
    "ctrl_c": ("spin", [("@ready", "\x03")]),
    "ctrl_z": ("spin", [("@ready", "\x1a"), ("Stopped", "echo @stopped; touch enough; fg\n")]),
    "ctrl_backslash": ("spin", [("@ready", "\x1c"), ("@thread dump", "\x03")]),
    "stops_itself": ("stops", [("Stopped", "echo @stopped; fg\n")]),
    "size": ("size", [("@ready", None)]),
    "reads": ("reads", [("@ready", "a line\n")]),
    "background": ("reads", []),
}
program, steps = sessions[os.environ["WORD"]]
open("p.py", "w").write(programs[program])
words = " ".join("'" + word + "'" for word in sys.argv[1:] + ["python3", "p.py"])
if os.environ["WORD"] == "background":
    # A program that reads from the terminal in the background is stopped.
    words += " &"
    steps = [("@ready", "\n"), ("Stopped", "echo @stopped; fg\n"), ("p.py", "a line\n")]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(PS1="", PS2="", TERM="dumb", HISTFILE="/dev/null")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
text, seen = "", 0
def until(what, seconds=15):
    global text, seen
    end = time.time() + seconds
    while time.time() < end:
        at = text.find(what, seen)
        if at >= 0:
            seen = at + len(what)
            return True
        if select.select([terminal], [], [], 0.1)[0]:
            try: text += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError: break
    return False
os.write(terminal, b"stty -echo; echo be''gin\n")
until("begin")
os.write(terminal, (words + "\n").encode())
for what, typed in steps:
    if not until(what): print("never seen:", what)
    time.sleep(0.2)
    if typed is None: fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 70, 0, 0))
    else: os.write(terminal, typed.encode())
time.sleep(0.2)
os.write(terminal, b"echo @code $?; echo e''nd\n")
until("end")
os.close(terminal)
print(*re.findall(r"@[^\r\n]*", text), sep="\n")
