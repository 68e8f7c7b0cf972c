"""Folders and files as texts: nothing of a start needs ``pathlib``, which would be 2 % of it."""

from __future__ import annotations

import os
from os import PathLike
from typing import TypeAlias

StrPath: TypeAlias = str | PathLike[str]


def read_beside(module_file: str, name: str) -> bytes:
    """The content of a file in the folder of a module, which gives its ``__file__``.

    Such files hold what the module has to agree on with a stack.
    """
    with open(os.path.join(os.path.dirname(module_file), name), "rb") as file:
        return file.read()
