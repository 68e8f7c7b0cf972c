"""Tokens of SQL, as MySQL reads them: strings, quoted names and comments, and where a SELECT ends.

The constants are parts of regular expressions, to be compiled with ``re.DOTALL | re.VERBOSE``.
"""

from __future__ import annotations

import re
from typing import Final

QUOTED: Final = r"""'(?:[^'\\]|\\.|'')*+' | "(?:[^"\\]|\\.|"")*+" | `(?:[^`]|``)*+`"""
EXECUTED: Final = r"""/\*M?!.*?\*/"""  # a comment to some servers, and code to others
COMMENT: Final = r"""--(?=[\s\x00-\x1f]|\Z)[^\n]*+ | \#[^\n]*+ | /\*.*?\*/"""
OPEN: Final = r"""['"`] | /\*"""  # one that is opened and never closed

_SHOWN: Final = rf"{QUOTED} | {COMMENT} | (?P<open>\() | (?P<close>\)) | (?P<word>[\w$@]+)"


def end_of_select(text: str) -> int | None:
    """Where the word SELECT ends that a query begins with, be it in parentheses or behind WITH.

    None for what is no such query.
    """
    depth = 0
    outer: int | None = None  # the depth at which the query begins
    for found in re.finditer(_SHOWN, text, re.DOTALL | re.VERBOSE | re.ASCII):
        if found["open"] or found["close"]:
            depth += 1 if found["open"] else -1
        elif found["word"] and outer in (None, depth):
            word = found["word"].upper()
            if word == "SELECT":
                return found.end()
            if outer is None and word != "WITH":
                return None
            outer = depth
    return None
