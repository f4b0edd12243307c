"""Memory of each test with its child processes, and a limit that fails a test."""

import os
import re
import subprocess
import sys
import warnings

import pytest

BYTES, PROCESSES = "memory_bytes", "memory_processes"

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def pytest_addoption(parser):
    group = parser.getgroup("whyoom", "memory of each test")
    top = "list the N tests that took most memory; 0 lists none"
    group.addoption("--whyoom-top", type=int, default=10, metavar="N", help=top)
    off = "don't measure memory, and don't check limits"
    group.addoption("--no-whyoom", action="store_true", help=off)


def pytest_configure(config):
    limit = 'limit_memory(size): fail the test if it takes more, such as "500 MB", with its child processes'
    config.addinivalue_line("markers", limit)
    if not config.getoption("no_whyoom"):
        config.pluginmanager.register(Plugin(config), "whyoom-plugin")


class Plugin:
    """Measures in the process that runs the tests, and lists in the one that reports."""

    def __init__(self, config):
        self._top = config.getoption("whyoom_top")
        self._sampler = None
        self._taken = []

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        limit = _limit(item)
        if self._sampler is None:
            self._sampler = Sampler()
        self._sampler.begin()
        outcome = yield
        taken = self._sampler.end()
        if taken is None:
            if limit is not None:
                warnings.warn(pytest.PytestWarning(f"the memory limit isn't checked: {self._sampler.why}"))
            return
        size, processes = taken
        item.user_properties += [(BYTES, size), (PROCESSES, processes)]
        # A test that fails anyway has a better reason.
        if limit is not None and size > limit and outcome.excinfo is None:
            message = f"the test took {_text(size)}, and its limit is {_text(limit)} ({_said(processes)})"
            outcome.force_exception(pytest.fail.Exception(message, pytrace=False))

    def pytest_runtest_logreport(self, report):
        found = dict(report.user_properties)
        if report.when == "call" and BYTES in found:
            self._taken.append((found[BYTES], found[PROCESSES], report.nodeid))

    def pytest_terminal_summary(self, terminalreporter):
        if not self._taken or self._top <= 0:
            return
        terminalreporter.section("memory")
        self._taken.sort(key=lambda taken: (-taken[0], taken[2]))
        for size, processes, nodeid in self._taken[: self._top]:
            terminalreporter.write_line(f"{_text(size):>10}  {nodeid} ({_said(processes)})")

    def pytest_sessionfinish(self):
        if self._sampler:
            self._sampler.close()


class Sampler:
    """The process that samples this one. It is no child of ours, so a test that counts or awaits its children
    doesn't meet it."""

    def __init__(self):
        self.why = None
        script = os.path.join(os.path.dirname(__file__), "sampler.py")
        words = [sys.executable, "-I", "-S", script, str(os.getpid())]
        try:
            begun = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self._to, self._from = begun.stdin, begun.stdout
            begun.wait()
            self._ask("hello")
        except OSError as error:
            self.why = str(error)

    def begin(self):
        self._ask("begin")

    def end(self):
        """What the test took, in bytes, and the most processes that were seen at once; None if unknown."""
        answer = self._ask("end")
        return None if answer is None else tuple(map(int, answer.split()))

    def close(self):
        if self.why is None:
            self._to.close()
            self._from.close()

    def _ask(self, line):
        if self.why is not None:
            return None
        try:
            print(line, file=self._to, flush=True)
            answer = self._from.readline()
        except (OSError, ValueError) as error:
            answer = f"no {error}"
        word, _, rest = answer.strip().partition(" ")
        if word != "ok":
            self.why = rest or "the sampler has ended"
            return None
        return rest


def _limit(item):
    mark = item.get_closest_marker("limit_memory")
    if mark is None:
        return None
    if len(mark.args) != 1 or mark.kwargs:
        raise pytest.fail.Exception('limit_memory takes one size, such as "500 MB"', pytrace=False)
    return _size(mark.args[0])


def _size(text):
    found = re.fullmatch(r"([0-9.]+) *([KMGT]?)(?:i?B)?", str(text).strip(), re.IGNORECASE)
    try:
        return int(float(found[1]) * 2 ** _UNITS[found[2].upper()])
    except (TypeError, ValueError):
        message = f'limit_memory: {text!r} is no size such as "500 MB"'
        raise pytest.fail.Exception(message, pytrace=False) from None


def _text(size):
    return f"{size / 2**20:.1f} MiB"


def _said(processes):
    return "one process" if processes == 1 else f"{processes} processes at once"
