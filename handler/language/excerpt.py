"""The line of a text that an error is about, with carets under the place."""

from __future__ import annotations

import re
import unicodedata

from handler.errors import Location
from handler.language.locations import LINE_END

INDENT = "    "
MAX_COLUMNS = 100  # of a line; of a longer one the part around the place is shown
_BEFORE = 40  # characters of such a line in front of the place

# What stands at a place: the head of a definition, a string, a name or a number, any character.
_PLACE = re.compile(
    r"(?:extend\s+)?(?:schema|scalar|type|interface|union|enum|input|directive)\s+@?\w+"
    r'|"""|"(?:[^"\\]|\\.)*"|[@$]?\w+|-?[\w.]+|.'
)


def excerpt(text: str, location: Location) -> str:
    """Two lines: that of the location, and carets; empty where nothing stands there.

    >>> print(excerpt("type Film {\\n  actors: [Actor!]!\\n}", Location(2, 3)))
        actors: [Actor!]!
        ^^^^^^
    """
    lines = re.split(LINE_END, text)
    line = lines[location.line - 1] if location.line <= len(lines) else ""
    at = location.column - 1
    if at > len(line) or not line.strip():
        return ""
    found = _PLACE.match(line, at)
    to = found.end() if found else at
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    if at < start:
        start = at
    left = right = ""
    if end - start > MAX_COLUMNS:
        if at - start > _BEFORE:
            start, left = at - _BEFORE, "…"
        if end - start > MAX_COLUMNS:
            end, right = start + MAX_COLUMNS, "…"
    shown = INDENT + left + _printable(line[start:end]) + right
    carets = INDENT + _blank(left + line[start:at]) + _carets(line[at : min(to, end)])
    return f"{shown}\n{carets}"


def _printable(text: str) -> str:
    """The text as a terminal may get it: a character that is none for eyes is a question mark."""
    return "".join(each if each == "\t" or each.isprintable() else "?" for each in text)


def _blank(text: str) -> str:
    """As wide as the text is on a terminal, and nothing to see; tabs stay."""
    return "".join("\t" if each == "\t" else " " * _width(each) for each in text)


def _carets(text: str) -> str:
    return "^" * max(1, sum(_width(each) for each in text))


def _width(character: str) -> int:
    """Columns of a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
