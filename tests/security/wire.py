"""What went to MySQL, byte by byte, and the shape of each statement without its values.

The tokenizer is of the tests alone: it shares nothing with the code that writes the statements. It
reads a text as MySQL does under the default mode, and under ``NO_BACKSLASH_ESCAPES``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pymysql.constants import COMMAND

from tests.pin_list import Commands

_LIMIT = re.compile(
    rb"\ASET STATEMENT max_statement_time=[\d.]+ FOR "
    rb"|(?<=\ASELECT) /\*\+ MAX_EXECUTION_TIME\(\d+\) \*/"
)
# The operation's name, which a client chooses, and the hash of its document: nothing else.
_NAMED = re.compile(rb"(?<=\ASELECT) /\* (?:[A-Za-z_][A-Za-z0-9_]{0,39} )?[0-9a-f]{12} \*/")
_HEX = re.compile(rb"_(?:utf8mb4|binary) X'(?:[0-9a-f]{2})*'")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_SPACE = re.compile(rb"[ ]+")
_SIGNS = (b"<=", b">=", b"=", b"<", b">", b"(", b")", b",", b".", b"*", b"+", b"-", b"/")
_HINT = re.compile(rb"/\*\+ NO_SKIP_SCAN\([kr]\) \*/")  # the one that is ours
_LIST = re.compile(r"\( \?(?: , \?)* \)")


class NotOursError(Exception):
    """The text holds something that no statement of the API has, such as a comment."""


def tokens(text: bytes, *, backslash_escapes: bool = True) -> Iterator[str]:
    """The tokens of a statement; ``?`` for each value."""
    at = 0
    while at < len(text):
        if found := _SPACE.match(text, at):
            at = found.end()
        elif found := _HINT.match(text, at):
            at = found.end()
            yield found[0].decode()
        elif found := _HEX.match(text, at):
            at = found.end()
            yield "?"
        elif text[at : at + 1] == b"'":
            at = _end_of_text(text, at + 1, backslash_escapes=backslash_escapes)
            yield "?"
        elif text[at : at + 1] == b"`":
            end = text.index(b"`", at + 1)
            yield text[at : end + 1].decode()
            at = end + 1
        elif (found := _NUMBER.match(text, at)) and (found[0][:1] != b"-" or _is_sign(text, at)):
            at = found.end()
            yield "?"
        elif found := _WORD.match(text, at):
            at = found.end()
            yield found[0].decode()
        else:
            sign = next((sign for sign in _SIGNS if text.startswith(sign, at)), None)
            if sign is None or text.startswith((b"--", b"/*"), at):
                raise NotOursError(f"{text[at : at + 20]!r} in {text!r}")
            at += len(sign)
            yield sign.decode()


def _is_sign(text: bytes, at: int) -> bool:
    """Whether a minus belongs to a number: behind an operator, a comma or a bracket."""
    before = text[:at].rstrip()
    return before[-1:] in b"=<>(," or before.endswith((b"LIMIT", b"THEN"))


def _end_of_text(text: bytes, at: int, *, backslash_escapes: bool) -> int:
    while True:
        char = text[at : at + 1]
        if not char:
            raise NotOursError(f"a text without an end in {text!r}")
        if char == b"\\" and backslash_escapes:
            at += 2
        elif char == b"'":
            if text[at + 1 : at + 2] != b"'":
                return at + 1
            at += 2
        else:
            at += 1


def shape(text: bytes) -> str:
    """A statement without its values: the same under every mode, or ``NotOursError``.

    Lists of values are of one shape, however long they are.
    """
    bare = _NAMED.sub(b"", _LIMIT.sub(b"", text))
    plain = " ".join(tokens(bare))
    if plain != " ".join(tokens(bare, backslash_escapes=False)):
        raise NotOursError(f"read differently under NO_BACKSLASH_ESCAPES: {text!r}")
    return _LIST.sub("( ?+ )", plain)


@dataclass
class Wire:
    """Listens to a relay: give ``on_client_bytes`` to a ``FaultProxy``."""

    statements: list[bytes] = field(default_factory=list)
    others: list[tuple[int, bytes]] = field(default_factory=list)
    _streams: defaultdict[int, Commands] = field(default_factory=lambda: defaultdict(Commands))

    def on_client_bytes(self, connection: int, data: bytes) -> None:
        """Take in what a client has sent."""
        for command, text in self._streams[connection].feed(data):
            if command == COMMAND.COM_QUERY and text.startswith((b"SELECT", b"SET STATEMENT")):
                self.statements.append(text)
            else:
                self.others.append((command, text))

    def take(self) -> list[bytes]:
        """The statements since the last time."""
        taken, self.statements = self.statements, []
        return taken
