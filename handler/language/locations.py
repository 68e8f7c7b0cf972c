"""Locations: lines and columns of a text, and syntax errors that have one."""

from __future__ import annotations

import re
from bisect import bisect_right

from handler.errors import DocumentSyntaxError, Location

LINE_END = r"\r\n|\n|\r"


def locate(text: str, offset: int) -> Location:
    """Line and column of an offset; columns count Unicode characters."""
    return locate_in(line_starts(text), offset)


def line_starts(text: str) -> list[int]:
    """The offsets at which the lines of a text begin."""
    return [0, *(end.end() for end in re.finditer(LINE_END, text))]


def locate_in(lines: list[int], offset: int) -> Location:
    """Line and column of an offset, by the offsets at which the lines begin."""
    line = bisect_right(lines, offset)
    return Location(line, offset - lines[line - 1] + 1)


def syntax_error(message: str, text: str, offset: int) -> DocumentSyntaxError:
    """The error for a text that is no GraphQL, located at an offset."""
    return DocumentSyntaxError(f"Syntax Error: {message}", locations=[locate(text, offset)])
