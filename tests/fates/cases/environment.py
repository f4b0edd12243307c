# An environment of 1 MB, with a value and a name that aren't UTF-8, and odd names.
import os, subprocess, sys
big = {f"BIG{i}".encode(): b"x" * 50000 for i in range(20)}
kept = {name: os.environb[name] for name in (b"PATH", b"HOME", b"LAB_TEST_BUNDLE")}
environment = big | kept | {b"LATIN": b"caf\xe9", b"caf\xe9": b"1", b"a b": b"2", b"EMPTY": b"", b"RUST_LOG": b"x", b"CARGO": b"y"}
probe = """
import os
e = {name: value for name, value in os.environb.items() if name not in (b'LAB_CHANNEL', b'LC_CTYPE', b'LAB_TEST_BUNDLE', b'HOME')}
print(len(e), sorted((name, value[:9], len(value)) for name, value in e.items()))
"""
print(subprocess.run(sys.argv[1:] + ["python3", "-c", probe], env=environment).returncode)
