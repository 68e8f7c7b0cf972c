"""The file of what is left out: a line for each table or column, with the reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from aurora_graphql.project.description import LeftOut

FILE: Final = "left-out.txt"
_HEAD: Final = """\
# What the database has and the SDL has not: a table, or table.column, and behind two blanks why.
# It is left out of differences, too. Write a line for what you take out of the SDL yourself;
# `--add NAME` takes a line away and writes what it names into the SDL.
"""


def read_left_out(folder: Path) -> dict[str, str]:
    """The reason by name; nothing if there is no file."""
    path = folder / FILE
    found = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        if line.strip() and not line.startswith("#"):
            name, *reason = re.split(r"\s{2,}|\t", line.strip(), maxsplit=1)
            found[name] = reason[0] if reason else ""
    return found


def print_left_out(
    before: Mapping[str, str], left_out: Sequence[LeftOut], added: Collection[str] = ()
) -> str:
    """The file, with what was in it before and is not added now."""
    reasons = {each.name: each.reason for each in left_out} | dict(before)
    names = sorted(reasons.keys() - set(added))
    width = max(map(len, names), default=0)
    return _HEAD + "".join(f"{name:<{width}}  {reasons[name]}".rstrip() + "\n" for name in names)
