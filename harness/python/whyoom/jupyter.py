"""`%%whyoom`: runs a cell, draws the memory that it took, and says what the record shows."""

import base64
import html
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from IPython.core.error import UsageError
from IPython.core.magic import Magics as Base
from IPython.core.magic import cell_magic, magics_class
from IPython.display import display

# So long the recorder may take to begin, and to write its reports, in seconds.
PATIENCE = 60


@magics_class
class Magics(Base):
    """The magics of `%load_ext whyoom`."""

    @cell_magic
    def whyoom(self, line, cell):
        """Runs the cell while `whyoom record --attach` watches this kernel and all that it starts.

        Words after %%whyoom are options of `whyoom record`, such as --interval 1ms or --curve anon.
        """
        recording = Recording(shlex.split(line))
        try:
            result = self.shell.run_cell(cell)
        finally:
            recording.end()
        try:
            recording.show()
        finally:
            recording.forget()
        if not result.success:
            raise Failed


class Failed(Exception):
    """The cell has failed, and has shown its own traceback."""

    def _render_traceback_(self):
        return []


class Recording:
    """A recorder that is attached to this process."""

    def __init__(self, options):
        self._folder = tempfile.mkdtemp(prefix="whyoom-")
        self._program = program()
        words = ["record", "--attach", str(os.getpid()), "--quiet"]
        words += ["--output", self._path("record.jsonl"), "--svg", self._path("curve.svg")]
        with open(self._path("said"), "wb") as said:
            self._recorder = subprocess.Popen(
                [self._program, *words, *options],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=plain(),
                start_new_session=True,  # an interrupt of the cell is not meant for it
            )
        try:
            self._wait_for_samples()
        except BaseException:
            self._recorder.kill()
            self._recorder.wait()
            self.forget()
            raise

    def _wait_for_samples(self):
        until = time.monotonic() + PATIENCE
        # It is called so until it is whole.
        while '{"samples"' not in self._text("record.jsonl.part"):
            if self._recorder.poll() is not None or time.monotonic() > until:
                raise UsageError(f"whyoom can't record: {self._text('said').strip()}")
            time.sleep(0.005)

    def end(self):
        """Has it write its reports."""
        self._recorder.send_signal(signal.SIGINT)
        try:
            self._recorder.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._recorder.kill()
            self._recorder.wait()

    def show(self):
        """Shows the curve and the diagnosis: as a picture where the front end has any, else as text."""
        if not os.path.exists(self._path("curve.svg")):
            print(f"whyoom has no record: {self._text('said').strip()}", file=sys.stderr)
            return
        picture = base64.b64encode(self._text("curve.svg").encode()).decode()
        diagnosis = self._ask("diagnose")
        # As an image of its own, its names can't meet those of another cell's.
        image = f'<img src="data:image/svg+xml;base64,{picture}" alt="The memory of this cell over time">'
        page = f"{image}<pre>{html.escape(diagnosis)}</pre>"
        display({"text/plain": self._ask("show"), "text/html": page}, raw=True)

    def forget(self):
        """Deletes the record."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, verb):
        words = [self._program, verb, self._path("record.jsonl")]
        said = subprocess.run(words, env=plain(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return said.stdout or said.stderr

    def _path(self, name):
        return os.path.join(self._folder, name)

    def _text(self, name):
        try:
            with open(self._path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""


def plain():
    """The environment without what a kernel sets to get colours also where there is no terminal."""
    forced = ("CLICOLOR_FORCE", "FORCE_COLOR")
    return {name: value for name, value in os.environ.items() if name not in forced}


def program():
    """The recorder: what WHYOOM names, or the one that came with this Python, or that of the PATH."""
    beside = os.path.dirname(sys.executable)
    found = os.environ.get("WHYOOM") or shutil.which("whyoom", path=beside) or shutil.which("whyoom")
    if not found:
        raise UsageError("the program whyoom is missing: pip install whyoom, or name it in WHYOOM")
    return found
