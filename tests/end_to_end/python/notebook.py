"""Runs a notebook with `%%whyoom` in a real kernel."""

import base64
import re

import nbclient
import nbformat.v4 as v4
from nbclient.exceptions import CellExecutionError

CELLS = [
    "%load_ext whyoom",
    """%%whyoom --interval 5ms
import time
block = bytearray(b"x") * (96 << 20)
time.sleep(0.3)
len(block)""",
    "print(len(block))",
    "%%whyoom\nraise KeyError('of the cell')",
    "%%whyoom --memory 1G\nprint('not reached')",
]
notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in CELLS])
client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
failed = []
with client.setup_kernel():
    for index, cell in enumerate(notebook.cells):
        try:
            client.execute_cell(cell, index)
        except CellExecutionError:
            failed.append(index)
# A cell that fails fails with its magic too, and stops a notebook.
assert failed == [3, 4], failed

outputs = notebook.cells[1].outputs
assert any(output.output_type == "execute_result" for output in outputs), "the value of the cell"
shown = next(output.data for output in outputs if output.output_type == "display_data")
picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', shown["text/html"])
assert base64.b64decode(picture[1]).startswith(b"<svg")
said = re.search("<pre>(.+)</pre>", shown["text/html"], re.DOTALL)[1]
text = shown["text/plain"]
peak = re.search(r"^Peak +([0-9.]+) MiB", text, re.MULTILINE)
assert peak and float(peak[1]) > 96, text
assert re.search("^Diagnosis ", text, re.MULTILINE), text
# The recorder isn't a part of what it records.
assert "1 at once at most" in text, text
assert notebook.cells[2].outputs[0].text == f"{96 << 20}\n"
errors = [output.ename for output in notebook.cells[3].outputs if output.output_type == "error"]
assert errors[0] == "KeyError", errors
assert any(output.output_type == "display_data" for output in notebook.cells[3].outputs), "also of a cell that fails"
# What the recorder says against its options is said, and the cell doesn't run.
refused = "".join(str(output) for output in notebook.cells[4].outputs)
assert "--memory" in refused and "not reached" not in refused, refused
print(said)
