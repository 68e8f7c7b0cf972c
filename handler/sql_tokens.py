"""What of an SQL text hides other signs: strings, quoted names and comments, as MySQL reads them.

Parts of regular expressions, to be compiled with ``re.DOTALL | re.VERBOSE``.
"""

from __future__ import annotations

from typing import Final

QUOTED: Final = r"""'(?:[^'\\]|\\.|'')*+' | "(?:[^"\\]|\\.|"")*+" | `(?:[^`]|``)*+`"""
EXECUTED: Final = r"""/\*M?!.*?\*/"""  # a comment to some servers, and code to others
COMMENT: Final = r"""--(?=[\s\x00-\x1f]|\Z)[^\n]*+ | \#[^\n]*+ | /\*.*?\*/"""
OPEN: Final = r"""['"`] | /\*"""  # one that is opened and never closed
