# A command under nohup(1) survives the end of its terminal.
import os, signal, subprocess, sys, time
program = "echo ready; i=0; while [ $i -lt 8 ]; do sleep 0.1; i=$((i + 1)); done; echo survived > done; exit 4"
process = subprocess.Popen(["nohup"] + sys.argv[1:] + ["sh", "-c", program], start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
process.stdout.readline()
os.killpg(process.pid, signal.SIGHUP)
print(process.wait(), open("done").read())
