# A command that ignores Ctrl-C has the time of --grace, and is then killed.
import signal, subprocess, sys
script = "trap 'echo heard >> heard' INT; echo ready; for i in $(seq 300); do sleep 0.1; done; echo > finished"
command = sys.argv[1:] + ["-q", "--grace", "700ms", "--", "sh", "-c", script]
process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
process.stdout.readline()
process.send_signal(signal.SIGINT)
code = process.wait()
import os
print(code, os.listdir("."))
sys.exit(code not in (137, 130) or os.listdir(".") != ["heard"])
