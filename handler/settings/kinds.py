"""Kinds of settings: what a text from the environment may be, and the value it becomes.

A kind says in ``accepts`` what to write, so that table and error messages cannot disagree with the
check. ``parse`` raises ``ValueError`` with the reason, which never repeats the text: it may be a
secret.
"""

from __future__ import annotations

import math
import os
import re
from string import ascii_letters, digits, hexdigits
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from handler.stores.login import is_sendable
from handler.stores.url import EXAMPLE, DatabaseUrl

_HOST_NAME = frozenset("_.-" + ascii_letters + digits)
_IPV6_ADDRESS = frozenset(":" + hexdigits)


class Kind(Protocol):
    """One kind of setting."""

    @property
    def accepts(self) -> str:
        """What to write, for the table and for messages."""

    def parse(self, text: str) -> Any:
        """The value of a text that is not empty."""


class Whole(Struct, frozen=True):
    """A whole number between two limits, both included."""

    minimum: int
    maximum: int

    @property
    def accepts(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def parse(self, text: str) -> int:
        # Without a pattern, which would be compiled in every start: most set a port.
        if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 20):
            raise ValueError("not a whole number")
        value = int(text)
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"outside {self.minimum} to {self.maximum}")
        return value


class WholeOrOff(Struct, frozen=True):
    """A whole number between two limits, or ``off``."""

    minimum: int
    maximum: int

    @property
    def accepts(self) -> str:
        return f"{Whole(self.minimum, self.maximum).accepts}, or off"

    def parse(self, text: str) -> int | None:
        if text.lower() == "off":
            return None
        return Whole(self.minimum, self.maximum).parse(text)


class Seconds(Struct, frozen=True):
    """A time in seconds, fractions allowed."""

    minimum: float
    maximum: float

    @property
    def accepts(self) -> str:
        return f"seconds from {self.minimum:g} to {self.maximum:g}"

    def parse(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("not a number") from None
        if not math.isfinite(value) or not self.minimum <= value <= self.maximum:
            raise ValueError(f"outside {self.minimum:g} to {self.maximum:g}")
        return value


class Switch(Struct, frozen=True):
    """On or off."""

    accepts: str = "on or off"

    def parse(self, text: str) -> bool:
        try:
            return {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}[
                text.lower()
            ]
        except KeyError:
            raise ValueError("neither on nor off") from None


class Choice(Struct, frozen=True):
    """One of a few words; upper and lower case are the same."""

    words: tuple[str, ...]

    @property
    def accepts(self) -> str:
        return "one of " + ", ".join(self.words)

    def parse(self, text: str) -> str:
        for word in self.words:
            if word.lower() == text.lower():
                return word
        raise ValueError("not one of the words")


class Words(Struct, frozen=True):
    """Texts separated by commas; the section that they belong to checks them."""

    accepts: str

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(word for part in text.split(",") if (word := part.strip()))


class Names(Struct, frozen=True):
    """Names of operations separated by commas, each once, so many at most."""

    maximum: int
    pattern: str

    @property
    def accepts(self) -> str:
        return f"names of operations, separated by commas, {self.maximum} at most"

    def parse(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
        if len(names) > self.maximum:
            raise ValueError(f"more than {self.maximum} names")
        if not all(re.fullmatch(self.pattern, name) for name in names):
            raise ValueError("not all of them are names of GraphQL")
        return names


class Text(Struct, frozen=True):
    """Any text; the section that it belongs to checks it."""

    accepts: str

    def parse(self, text: str) -> str:
        return text


class Folder(Struct, frozen=True):
    """A folder; a relative one counts from the working directory."""

    accepts: str = "a folder"

    def parse(self, text: str) -> str:
        return text


class File(Struct, frozen=True):
    """A file that is there; a relative one counts from the working directory."""

    accepts: str = "a file"

    def parse(self, text: str) -> str:
        if not os.path.isfile(text):
            raise ValueError("there is no such file")
        return text


class Host(Struct, frozen=True):
    """The name or address of a server, without a port."""

    accepts: str = "a host such as `db.example`"

    def parse(self, text: str) -> str:
        if not (_HOST_NAME.issuperset(text) or _IPV6_ADDRESS.issuperset(text)):
            raise ValueError("not the name of a host")
        return text


class Arn(Struct, frozen=True):
    """The name of a resource of AWS."""

    service: str

    @property
    def accepts(self) -> str:
        return f"an ARN such as `arn:aws:{self.service}:...`"

    def parse(self, text: str) -> str:
        if not re.fullmatch(rf"arn:aws[a-z-]*:{self.service}:[^:]*:[^:]*:.+", text):
            raise ValueError(f"not an ARN of {self.service}")
        return text


class Module(Struct, frozen=True):
    """The dotted name of a Python module."""

    accepts: str = "a Python module such as `shop.resolvers`"

    def parse(self, text: str) -> str:
        if not all(part.isidentifier() for part in text.split(".")):
            raise ValueError("not a dotted module name")
        return text


class Database(Struct, frozen=True):
    """A MySQL database as a URL."""

    accepts: str = EXAMPLE

    def parse(self, text: str) -> DatabaseUrl:
        return DatabaseUrl.parse(text)  # its SettingsError names the variable itself


class CacheUrl(Struct, frozen=True):
    """A Redis or Valkey server as a URL, in the form that redis-py takes; ``off`` is none."""

    accepts: str = "`redis://host:port/0`, `rediss://...` for TLS, `unix:///path`, or `off`"

    def parse(self, text: str) -> str:
        if text.lower() == "off":
            return ""
        try:
            url = urlsplit(text)
            _ = url.port
        except ValueError:  # its text may quote the password
            raise ValueError("not a URL, or its port is not a number up to 65535") from None
        if url.scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("begins with none of redis://, rediss:// and unix://")
        if not (url.path if url.scheme == "unix" else url.hostname):
            raise ValueError("names no server")
        for part, written in (("user", url.username), ("password", url.password)):
            try:
                decoded = unquote(written or "", errors="strict")
            except UnicodeDecodeError:
                decoded = "\0"
            if not is_sendable(decoded):
                raise ValueError(f"its {part} is not UTF-8 after percent-decoding, or holds a NUL")
        return text
