"""Files that stand beside a module, as the facts do that it shares with a stack."""

from __future__ import annotations

import os


def read_beside(module_file: str, name: str) -> bytes:
    """The content of a file in the folder of a module, which gives its ``__file__``.

    Not by ``pathlib``, which nothing else of a start needs, and which is 2 % of it.
    """
    with open(os.path.join(os.path.dirname(module_file), name), "rb") as file:
        return file.read()
