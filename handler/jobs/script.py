"""An SQL file becomes its statements: strings, names and comments may hold semicolons.

Pure. Knows MySQL's tokens, not its grammar: a body of a stored routine, which needs the client's
``DELIMITER``, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handler.sql.tokens import COMMENT, EXECUTED, OPEN, QUOTED

_TOKEN = re.compile(
    rf"""
      (?P<quoted> {QUOTED} )
    | (?P<executed> {EXECUTED} )
    | (?P<comment> {COMMENT} )
    | (?P<blank> \s++ )
    | (?P<end> ; )
    | (?P<open> {OPEN} )
    | (?P<other> [^\s'"`;\#/-]++ | . )
    """,
    re.DOTALL | re.VERBOSE,
)
_MARKS = re.compile(r"\A/\*M?!\d*|\*/\Z")  # of a comment that the server executes
_DELIMITER = re.compile(r"delimiter\b", re.IGNORECASE)


class ScriptError(ValueError):
    """The file cannot be split; names the line."""


@dataclass(frozen=True, slots=True)
class ScriptStatement:
    """One statement without the semicolon and the comments before it; lines count from 1."""

    text: str
    line: int


def split_script(text: str) -> tuple[ScriptStatement, ...]:
    """Cut at the semicolons between statements; what holds only comments is no statement."""
    statements: list[ScriptStatement] = []
    start = end = None  # of the statement at hand, from its first to behind its last token
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "end":
            if start is not None:
                statements.append(_statement(text, start, end))
            start = end = None
        elif kind == "open":
            line = _line(text, token.start())
            raise ScriptError(f"line {line}: {token[0]} is opened and never closed")
        elif kind not in ("comment", "blank"):
            start = token.start() if start is None else start
            end = token.end()
    if start is not None:
        statements.append(_statement(text, start, end))
    return tuple(statements)


def words_of(text: str) -> tuple[str, ...]:
    """The bare words of a statement in capitals, without what is quoted and what is a comment."""
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "other":
            words += re.findall(r"\w+", token[0].upper())
        elif token.lastgroup == "executed":
            words += words_of(_MARKS.sub("", token[0]))
    return tuple(words)


def _statement(text: str, start: int, end: int | None) -> ScriptStatement:
    line = _line(text, start)
    if _DELIMITER.match(text, start):
        raise ScriptError(
            f"line {line}: DELIMITER is of the mysql client only; no stored routines here"
        )
    return ScriptStatement(text[start:end], line)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
