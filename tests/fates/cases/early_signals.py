# A signal in the first milliseconds ends the command, or lets it end itself; it's never lost.
import signal, subprocess, sys, time
for milliseconds in (0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120):
    for name in ("SIGTERM", "SIGINT"):
        process = subprocess.Popen(sys.argv[1:] + ["-q", "--", "sleep", "30"], stdout=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.send_signal(getattr(signal, name))
        number = getattr(signal, name).value
        try: code = process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            sys.exit(f"{name} after {milliseconds} ms was lost")
        if code not in (-number, 128 + number): sys.exit(f"{name} after {milliseconds} ms: {code}")
