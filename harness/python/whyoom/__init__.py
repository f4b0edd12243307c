"""Marks in a program that `whyoom record` records, and `%%whyoom` for Jupyter.

    import whyoom
    whyoom.mark("epoch 1")

A program that isn't recorded runs as if these lines weren't there, and so do its workers.
"""

from . import labkit
from .labkit import done, fact, fail, mark

__all__ = ["done", "fact", "fail", "labkit", "mark"]

labkit.prints = False


def load_ipython_extension(shell):
    """What `%load_ext whyoom` calls."""
    from .jupyter import Magics

    shell.register_magics(Magics)
